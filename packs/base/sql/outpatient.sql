SELECT
  visit_no,
  UPPER(id_number) AS id_number,
  visited_on,
  clinic
FROM base.visit
