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
  COALESCE(p.phone, r.phone) AS phone,
  p.death_on AS death_on,
  p.death_on IS NULL AS is_alive,
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
LEFT JOIN base.person AS p
  ON p.id_number = UPPER(r.id_number)
WHERE r.turn = 1
