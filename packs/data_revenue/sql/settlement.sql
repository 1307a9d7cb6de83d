WITH told AS (
  SELECT
    e.number AS number,
    e.subject AS subject,
    e.name AS name,
    TRY_CAST(REPLACE(e.value, ',', '') AS DECIMAL(18, 2)) AS amount,
    ROW_NUMBER() OVER (PARTITION BY e.number, e.name ORDER BY e.at DESC) AS turn
  FROM platform.evidence AS e
  WHERE e.flow = 'data_revenue.settlement'
), cases AS (
  SELECT
    t.subject AS period,
    t.number AS number,
    c.step AS step,
    MAX(CASE WHEN t.name = '申报收入（元）' AND t.turn = 1 THEN t.amount END) AS declared,
    SUM(CASE WHEN t.name = '到账金额（元）' THEN t.amount ELSE 0 END) AS received,
    SUM(CASE WHEN t.name = '到账金额（元）' THEN 1 ELSE 0 END) AS receipts,
    SUM(CASE WHEN t.name = '到账金额（元）' AND t.amount IS NULL THEN 1 ELSE 0 END) AS unread
  FROM told AS t
  JOIN platform.cases AS c
    ON c.number = t.number
  WHERE c.step <> 'withdrawn'
  GROUP BY t.subject, t.number, c.step
), disputes AS (
  SELECT
    e.subject AS period,
    COUNT(DISTINCT CASE WHEN c.state <> 'ended' THEN c.number END) AS open_disputes,
    SUM(CASE WHEN e.name = '调整上缴额（元）' AND c.step = 'upheld'
      THEN TRY_CAST(REPLACE(e.value, ',', '') AS DECIMAL(18, 2)) ELSE 0 END) AS adjusted
  FROM platform.evidence AS e
  JOIN platform.cases AS c
    ON c.number = e.number
  WHERE e.flow = 'data_revenue.dispute'
  GROUP BY e.subject
), mine AS (
  SELECT
    period,
    MAX(number) AS number,
    MAX(step) AS step,
    COUNT(*) AS cases,
    MAX(declared) AS declared,
    SUM(received) AS received,
    SUM(receipts) AS receipts,
    SUM(unread) AS unread
  FROM cases
  GROUP BY period
), earned AS (
  SELECT
    period,
    COUNT(*) AS lines,
    SUM(CASE WHEN fault IS NOT NULL THEN 1 ELSE 0 END) AS faults,
    SUM(income) AS income,
    SUM(cost) AS cost,
    SUM(CASE WHEN fault IS NULL THEN proceeds ELSE 0 END) AS proceeds,
    SUM(COALESCE(retained, 0)) AS retained,
    SUM(COALESCE(payable, 0)) AS payable
  FROM data_revenue.lines
  WHERE period IS NOT NULL
  GROUP BY period
)
SELECT
  p.id AS id,
  p.title AS title,
  p.operator AS operator,
  p.until_on AS until_on,
  p.pay_by AS pay_by,
  m.number AS number,
  CASE
    WHEN m.step IS NULL THEN '未申报'
    WHEN m.step IN ('declare', 'check') THEN '核对'
    WHEN m.step = 'notice' THEN '待通知'
    WHEN m.step = 'settled' THEN '已足额上缴'
    ELSE '缴款'
  END AS stage,
  COALESCE(m.cases, 0) AS cases,
  COALESCE(e.lines, 0) AS lines,
  CAST(COALESCE(e.faults, 0) AS BIGINT) AS faults,
  CAST(COALESCE(e.income, 0) AS DECIMAL(18, 2)) AS income,
  m.declared AS declared,
  m.declared - CAST(COALESCE(e.income, 0) AS DECIMAL(18, 2)) AS gap,
  CAST(COALESCE(e.cost, 0) AS DECIMAL(18, 2)) AS cost,
  CAST(COALESCE(e.proceeds, 0) AS DECIMAL(18, 2)) AS proceeds,
  CAST(COALESCE(e.retained, 0) AS DECIMAL(18, 2)) AS retained,
  CAST(COALESCE(e.payable, 0) AS DECIMAL(18, 2)) AS payable,
  CAST(COALESCE(d.adjusted, 0) AS DECIMAL(18, 2)) AS adjusted,
  COALESCE(d.open_disputes, 0) AS open_disputes,
  CAST(COALESCE(m.receipts, 0) AS BIGINT) AS receipts,
  CAST(COALESCE(m.unread, 0) AS BIGINT) AS unread,
  CAST(COALESCE(m.received, 0) AS DECIMAL(18, 2)) AS received,
  CAST(COALESCE(e.payable, 0) + COALESCE(d.adjusted, 0) - COALESCE(m.received, 0) AS DECIMAL(18, 2)) AS owed
FROM data_revenue.periods AS p
LEFT JOIN mine AS m
  ON m.period = p.id
LEFT JOIN earned AS e
  ON e.period = p.id
LEFT JOIN disputes AS d
  ON d.period = p.id
