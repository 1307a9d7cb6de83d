SELECT
  f.industry_title AS industry_title,
  COUNT(*) AS firms,
  SUM(CASE WHEN f.is_active THEN 1 ELSE 0 END) AS active
FROM base.legal_person AS f
WHERE f.industry_title IS NOT NULL
GROUP BY f.industry_title
