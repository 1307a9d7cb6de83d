WITH told AS (
  SELECT number, subject, name, value, at
  FROM platform.evidence
  WHERE flow = 'government_investment.project'
), claims AS (
  SELECT
    v.number AS number,
    v.subject AS project,
    v.value AS voucher,
    v.at AS paid_at,
    TRY_CAST(REPLACE(a.value, ',', '') AS DECIMAL(18, 2)) AS amount,
    ROW_NUMBER() OVER (PARTITION BY v.number, v.at ORDER BY a.at DESC) AS turn
  FROM told AS v
  JOIN told AS a
    ON a.number = v.number AND a.name = '申请金额（元）' AND a.at <= v.at
  WHERE v.name = '支付凭证编号'
)
SELECT
  c.number AS number,
  c.paid_at AS paid_at,
  c.project AS project,
  r.title AS title,
  r.unit AS unit,
  c.voucher AS voucher,
  c.amount AS amount
FROM claims AS c
LEFT JOIN government_investment.reserve AS r
  ON r.id = c.project
WHERE c.turn = 1
