SELECT
  f.uscc AS uscc,
  f.name AS name,
  f.established_on AS established_on,
  f.industry AS industry,
  f.is_active AS is_active,
  x.grade AS tax_grade,
  x.sales AS sales,
  x.sales_before AS sales_before,
  x.paid AS tax_paid,
  s.insured AS staff_insured,
  s.before AS staff_before,
  CASE
    WHEN s.insured >= 300 THEN '大型'
    WHEN s.insured >= 100 THEN '中型'
    WHEN s.insured >= 10 THEN '小型'
    WHEN s.insured >= 0 THEN '微型'
  END AS size,
  s.graduates AS graduates_hired,
  s.hard AS hard_hired,
  COALESCE(t.title, '无') AS firm_title,
  t.granted_on AS titled_on,
  COALESCE(p.patents, 0) AS patents_granted
FROM base.legal_person AS f
LEFT JOIN enterprise_policies.tax AS x
  ON x.uscc = f.uscc
LEFT JOIN enterprise_policies.staff AS s
  ON s.uscc = f.uscc
LEFT JOIN enterprise_policies.title AS t
  ON t.uscc = f.uscc
LEFT JOIN (
  SELECT uscc AS uscc, COUNT(*) AS patents
  FROM enterprise_policies.patent
  GROUP BY uscc
) AS p
  ON p.uscc = f.uscc
