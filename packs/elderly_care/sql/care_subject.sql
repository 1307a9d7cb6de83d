SELECT
  r.id_number AS id_number,
  r.name AS name,
  r.birth_on AS birth_on,
  r.division AS division,
  p.residence AS residence,
  r.phone AS phone,
  h.members AS household_members,
  w.assistance AS assistance,
  w.disability_degree AS disability_degree,
  s.home AS home,
  s.moved_in_on AS moved_in_on,
  m.kind AS medical_insurance
FROM base.resident AS r
LEFT JOIN base.person AS p
  ON p.id_number = r.id_number
LEFT JOIN base.household AS h
  ON h.household = r.household
LEFT JOIN base.welfare AS w
  ON w.id_number = r.id_number
LEFT JOIN (
  SELECT id_number, MIN(kind) AS kind
  FROM base.medical_insurance
  GROUP BY id_number
) AS m
  ON m.id_number = r.id_number
LEFT JOIN (
  SELECT
    UPPER(id_number) AS id_number,
    home,
    moved_in_on,
    ROW_NUMBER() OVER (PARTITION BY UPPER(id_number) ORDER BY moved_in_on DESC, stay_no) AS turn
  FROM elderly_care.care_stay
) AS s
  ON s.id_number = r.id_number AND s.turn = 1
WHERE r.is_alive AND r.birth_on < CAST('1966-11-01' AS DATE)
