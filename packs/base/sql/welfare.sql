SELECT
  r.id_number AS id_number,
  a.kind AS assistance,
  a.monthly_amount AS monthly_amount,
  c.category AS disability_category,
  c.degree AS disability_degree
FROM base.resident AS r
LEFT JOIN (
  SELECT UPPER(id_number) AS id_number, MIN(kind) AS kind, SUM(monthly_amount) AS monthly_amount
  FROM base.assistance
  GROUP BY UPPER(id_number)
) AS a
  ON a.id_number = r.id_number
LEFT JOIN (
  SELECT
    UPPER(id_number) AS id_number,
    category,
    degree,
    ROW_NUMBER() OVER (
      PARTITION BY UPPER(id_number)
      ORDER BY issued_on DESC NULLS LAST, cert_no
    ) AS turn
  FROM base.disability
) AS c
  ON c.id_number = r.id_number AND c.turn = 1
WHERE a.kind IS NOT NULL OR c.category IS NOT NULL
