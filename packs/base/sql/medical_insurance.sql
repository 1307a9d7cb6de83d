SELECT
  medical_no,
  UPPER(id_number) AS id_number,
  kind,
  updated_on
FROM base.medical_insured
