SELECT
  c.number AS number,
  c.kind AS kind,
  c.grade AS grade,
  t.organ AS owner,
  c.division AS division,
  c.opened_at AS opened_at,
  t.step AS step,
  CASE WHEN t.step IN ('major', 'general') THEN t.due_at END AS review_at,
  c.lon AS lon,
  c.lat AS lat
FROM platform.cases AS c
JOIN (
  SELECT
    number,
    organ,
    step,
    due_at,
    ROW_NUMBER() OVER (PARTITION BY number ORDER BY entered_at, organ) AS turn
  FROM platform.steps
  WHERE flow = 'risk_control.managing' AND left_at IS NULL
) AS t
  ON t.number = c.number AND t.turn = 1
WHERE c.flow = 'risk_control.managing' AND c.state <> 'ended'
