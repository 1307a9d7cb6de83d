SELECT
  k.number AS number,
  r.unit AS unit,
  k.step AS step,
  k.state AS state,
  k.opened_at AS opened_at,
  k.due_at AS due_at,
  k.ended_at AS ended_at,
  k.is_late AS is_late
FROM platform.cases AS k
JOIN (
  SELECT
    s.number AS number,
    MIN(s.organ) AS unit
  FROM platform.steps AS s
  WHERE s.flow = 'leading_group.task' AND s.step = 'receive'
  GROUP BY s.number
) AS r
  ON r.number = k.number
WHERE k.flow = 'leading_group.task'
