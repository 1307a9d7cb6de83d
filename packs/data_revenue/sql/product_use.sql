SELECT
  p.id AS id,
  p.title AS title,
  p.field AS field,
  p.scene AS scene,
  p.use AS use,
  COALESCE(a.approval, p.approval) AS approval,
  COALESCE(c.calls, 0) AS calls,
  COALESCE(l.lines, 0) AS lines,
  CAST(COALESCE(l.income, 0) AS DECIMAL(18, 2)) AS income,
  CAST(COALESCE(l.payable, 0) AS DECIMAL(18, 2)) AS payable
FROM data_revenue.products AS p
LEFT JOIN (
  SELECT subject, MAX(value) AS approval
  FROM platform.evidence
  WHERE flow = 'data_revenue.product' AND name = '审定编号'
  GROUP BY subject
) AS a
  ON a.subject = p.id
LEFT JOIN (
  SELECT "table", COUNT(*) AS calls
  FROM platform.calls
  WHERE outcome = 'answered'
  GROUP BY "table"
) AS c
  ON c."table" = p.dataset
LEFT JOIN (
  SELECT product, COUNT(*) AS lines, SUM(income) AS income, SUM(payable) AS payable
  FROM data_revenue.lines
  WHERE fault IS NULL
  GROUP BY product
) AS l
  ON l.product = p.id
