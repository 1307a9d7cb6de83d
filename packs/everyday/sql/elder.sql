SELECT
  id_number,
  birth_on,
  division,
  is_alive
FROM base.resident
