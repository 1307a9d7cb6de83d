SELECT
  c.number AS number,
  CASE
    WHEN c.flow = 'construction_safety.supervision' THEN '监督检查'
    WHEN c.kind = 'construction_safety.over_limit' THEN '在线监测'
    ELSE '群众举报'
  END AS found_by,
  r.builder AS builder,
  e.what AS what,
  CASE WHEN f.is_stopped = 1 THEN '停工整改' ELSE '限期整改' END AS handling,
  CASE
    WHEN c.state <> 'ended' THEN '整改中'
    WHEN c.step = 'rectified' THEN '已销号'
    ELSE '已移送执法'
  END AS result,
  f.found_at AS found_at,
  f.due_at AS due_at,
  c.ended_at AS ended_at,
  c.is_late OR f.late_steps > 0 AS is_late,
  c.organ AS organ,
  c.division AS division
FROM platform.cases AS c
JOIN (
  SELECT
    number,
    MIN(entered_at) AS found_at,
    MAX(due_at) AS due_at,
    MAX(CASE WHEN step = 'stopped' THEN 1 ELSE 0 END) AS is_stopped,
    SUM(CASE WHEN is_late THEN 1 ELSE 0 END) AS late_steps
  FROM platform.steps
  WHERE flow IN ('construction_safety.supervision', 'construction_safety.response')
    AND step IN ('rectify', 'stopped')
  GROUP BY number
) AS f
  ON f.number = c.number
LEFT JOIN (
  SELECT number, MAX(subject) AS subject, MAX(value) AS what
  FROM platform.evidence
  WHERE name = '隐患内容'
  GROUP BY number
) AS e
  ON e.number = c.number
LEFT JOIN (
  SELECT uscc, MAX(builder) AS builder
  FROM construction_safety.sites
  GROUP BY uscc
) AS r
  ON r.uscc = e.subject AND e.subject <> ''
