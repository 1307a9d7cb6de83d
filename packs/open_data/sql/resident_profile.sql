SELECT
  r.id_number AS id_number,
  r.sex AS sex,
  r.birth_on AS birth_on,
  r.ethnic AS ethnic,
  r.division AS division
FROM base.resident AS r
WHERE r.is_alive
