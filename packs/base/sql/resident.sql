SELECT
  UPPER(r.id_number) AS id_number,
  r.name AS name,
  r.sex AS sex,
  r.birth_on AS birth_on,
  r.ethnic AS ethnic,
  r.village AS division,
  v.parent AS township,
  r.household AS household,
  r.relation AS relation,
  r.address AS address,
  r.phone AS phone,
  d.death_on AS death_on,
  d.death_on IS NULL AS is_alive,
  r.updated_on AS updated_on
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY UPPER(id_number)
      ORDER BY updated_on DESC NULLS LAST, id_number
    ) AS turn
  FROM base.police_resident
) AS r
JOIN base.divisions AS v
  ON v.code = r.village
LEFT JOIN (
  SELECT UPPER(id_number) AS id_number, MIN(death_on) AS death_on
  FROM base.death
  GROUP BY UPPER(id_number)
) AS d
  ON d.id_number = UPPER(r.id_number)
WHERE r.turn = 1
