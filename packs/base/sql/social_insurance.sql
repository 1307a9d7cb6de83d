SELECT
  insured_no,
  UPPER(id_number) AS id_number,
  kind,
  employer,
  since
FROM base.insured
