WITH begun AS (
  SELECT
    e.subject AS subject,
    c.number AS number,
    c.step AS step,
    c.opened_at AS opened_at,
    c.due_at AS due_at,
    ROW_NUMBER() OVER (PARTITION BY e.subject ORDER BY c.opened_at DESC, c.number DESC) AS turn,
    SUM(CASE WHEN c.state <> 'ended' THEN 1 ELSE 0 END) OVER (PARTITION BY e.subject) AS open_cases
  FROM platform.cases AS c
  JOIN (
    SELECT DISTINCT number, subject
    FROM platform.evidence
    WHERE flow = 'government_investment.project'
  ) AS e
    ON e.number = c.number
  WHERE c.flow = 'government_investment.project'
), told AS (
  SELECT
    number,
    name,
    value,
    at,
    TRY_CAST(REPLACE(value, ',', '') AS DECIMAL(18, 2)) AS amount,
    ROW_NUMBER() OVER (PARTITION BY number, name ORDER BY at DESC) AS turn
  FROM platform.evidence
  WHERE flow = 'government_investment.project'
), latest AS (
  SELECT
    number,
    MAX(CASE WHEN name = '可研估算（元）' THEN amount END) AS estimate,
    MAX(CASE WHEN name = '申报概算（元）' THEN amount END) AS declared,
    MAX(CASE WHEN name = '核定概算（元）' THEN amount END) AS approved,
    MAX(CASE WHEN name = '已安排预算（元）' THEN amount END) AS budget,
    MAX(CASE WHEN name = '采购方式' THEN value END) AS method,
    MAX(CASE WHEN name = '中标单位' THEN value END) AS contractor,
    MAX(CASE WHEN name = '合同金额（元）' THEN amount END) AS contract,
    MAX(CASE WHEN name = '累计完成产值（元）' THEN amount END) AS output,
    MAX(CASE WHEN name = '申请金额（元）' THEN amount END) AS claimed,
    MAX(CASE WHEN name = '决算金额（元）' THEN amount END) AS accounted,
    MAX(CASE WHEN name = '审定金额（元）' THEN amount END) AS audited,
    MAX(CASE WHEN name = '结余缴回（元）' THEN amount END) AS handed_back
  FROM told
  WHERE turn = 1
  GROUP BY number
), paid AS (
  SELECT number, SUM(amount) AS paid, COUNT(*) AS payments
  FROM government_investment.payments
  GROUP BY number
)
SELECT
  r.id AS id,
  r.title AS title,
  r.field AS field,
  r.unit AS unit,
  r.division AS division,
  r.funds AS funds,
  b.number AS number,
  CASE
    WHEN b.step IS NULL THEN '储备库'
    WHEN b.step IN ('apply', 'reserve') THEN '1 储备'
    WHEN b.step IN ('study', 'approval') THEN '2 审批'
    WHEN b.step = 'budget' THEN '3 计划和预算'
    WHEN b.step IN ('tender', 'starting') THEN '4 招标和开工'
    WHEN b.step IN ('building', 'adjusting') THEN '5 建设'
    WHEN b.step = 'paying' THEN '6 支付'
    WHEN b.step IN ('acceptance', 'accounts') THEN '7 验收和决算'
    WHEN b.step IN ('audit', 'final_claim', 'final_payment', 'handover') THEN '8 审计和尾款'
    WHEN b.step = 'done' THEN '9 已完成'
    ELSE '终止'
  END AS stage,
  CAST(COALESCE(b.open_cases, 0) AS BIGINT) AS open_cases,
  b.opened_at AS opened_at,
  b.due_at AS due_at,
  r.listed_estimate AS listed_estimate,
  l.estimate AS estimate,
  l.declared AS declared,
  l.approved AS approved,
  l.budget AS budget,
  l.method AS method,
  l.contractor AS contractor,
  l.contract AS contract,
  l.output AS output,
  l.claimed AS claimed,
  COALESCE(p.paid, 0) AS paid,
  COALESCE(p.payments, 0) AS payments,
  l.accounted AS accounted,
  l.audited AS audited,
  l.handed_back AS handed_back
FROM government_investment.reserve AS r
LEFT JOIN begun AS b
  ON b.subject = r.id AND b.turn = 1
LEFT JOIN latest AS l
  ON l.number = b.number
LEFT JOIN paid AS p
  ON p.number = b.number
