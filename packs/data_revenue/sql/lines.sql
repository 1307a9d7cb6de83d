WITH approved AS (
  SELECT subject AS product
  FROM platform.evidence
  WHERE flow = 'data_revenue.product' AND name = '审定编号'
  UNION
  SELECT id AS product
  FROM data_revenue.products
  WHERE approval IS NOT NULL
), placed AS (
  SELECT
    l.id AS id,
    l.product AS product,
    g.id AS known,
    g.title AS title,
    g.field AS field,
    g.use AS use,
    a.product AS approved,
    l.kind AS kind,
    l.amount AS amount,
    l.booked_on AS booked_on,
    p.id AS period,
    t.id AS term,
    t.counts_from AS counts_from,
    t.retained AS share,
    ROW_NUMBER() OVER (
      PARTITION BY l.id
      ORDER BY CASE WHEN t.field = g.field THEN 0 ELSE 1 END, t.from_on DESC, t.id, p.id
    ) AS turn
  FROM data_revenue.ledger AS l
  LEFT JOIN data_revenue.products AS g
    ON g.id = l.product
  LEFT JOIN approved AS a
    ON a.product = l.product
  LEFT JOIN data_revenue.periods AS p
    ON p.operator = g.operator AND l.booked_on >= p.from_on AND l.booked_on < p.until_on
  LEFT JOIN data_revenue.terms AS t
    ON t.field IN (g.field, '全部')
    AND l.booked_on >= t.from_on
    AND (t.until_on IS NULL OR l.booked_on < t.until_on)
), counted AS (
  SELECT
    id,
    product,
    title,
    field,
    kind,
    booked_on,
    period,
    term,
    share,
    CASE
      WHEN known IS NULL THEN '没有登记的产品'
      WHEN approved IS NULL THEN '产品未审定'
      WHEN use = '公益' AND kind <> '成本' THEN '公益产品不收费'
      WHEN kind NOT IN ('收入', '退款', '成本') THEN '类别不明'
      WHEN amount IS NULL OR amount <= 0 THEN '金额不是正数'
      WHEN period IS NULL THEN '不在任何结算期'
      WHEN term IS NULL THEN '当日没有自留比例'
    END AS fault,
    CAST(CASE kind WHEN '收入' THEN amount WHEN '退款' THEN -amount ELSE 0 END AS DECIMAL(18, 2)) AS income,
    CAST(CASE WHEN kind = '成本' AND counts_from = '净收益' THEN amount ELSE 0 END AS DECIMAL(18, 2)) AS cost
  FROM placed
  WHERE turn = 1
)
SELECT
  id,
  product,
  title,
  field,
  kind,
  booked_on,
  period,
  term,
  share,
  fault,
  income,
  cost,
  income - cost AS proceeds,
  CASE WHEN fault IS NULL THEN CAST(ROUND((income - cost) * share, 2) AS DECIMAL(18, 2)) END AS retained,
  CASE WHEN fault IS NULL THEN income - cost - CAST(ROUND((income - cost) * share, 2) AS DECIMAL(18, 2)) END AS payable
FROM counted
