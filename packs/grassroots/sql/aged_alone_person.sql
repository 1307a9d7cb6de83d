SELECT
  r.id_number AS id_number,
  r.name AS name,
  r.birth_on AS birth_on,
  r.division AS division,
  r.assistance AS assistance
FROM benefits.person AS r
JOIN grassroots.age_bound AS b
  ON b.id = 'current'
WHERE r.is_alive AND r.birth_on <= b.born_60 AND r.household_size = 1
