SELECT
  f.uscc AS uscc,
  f.name AS name,
  f.representative AS representative,
  f.address AS address,
  f.kind AS kind,
  f.established_on AS established_on,
  f.industry AS industry,
  i.title AS industry_title,
  s.code AS status,
  COALESCE(s.code = '1', FALSE) AS is_active
FROM base.firm AS f
LEFT JOIN base.industry AS i
  ON i.code = SUBSTRING(f.industry, 1, 2)
LEFT JOIN base.firm_status AS s
  ON s.title = f.status
