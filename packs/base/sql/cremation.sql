SELECT
  register_no,
  UPPER(id_number) AS id_number,
  cremated_on
FROM base.funeral
