SELECT
  c.number AS number,
  CASE
    WHEN c.flow = 'safe_production.self_check' THEN '企业自查'
    WHEN c.flow = 'safe_production.inspection' THEN '部门检查'
    ELSE '群众举报'
  END AS found_by,
  e.subject AS uscc,
  r.name AS enterprise,
  e.what AS what,
  CASE WHEN f.is_listed = 1 THEN '挂牌督办' ELSE '限期整改' END AS handling,
  CASE
    WHEN c.state <> 'ended' THEN '整改中'
    WHEN c.step IN ('rectified', 'granted') THEN '已销号'
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
    MAX(CASE WHEN step = 'listed' THEN 1 ELSE 0 END) AS is_listed,
    SUM(CASE WHEN is_late THEN 1 ELSE 0 END) AS late_steps
  FROM platform.steps
  WHERE flow IN ('safe_production.self_check', 'safe_production.inspection', 'safe_production.reported')
    AND step IN ('rectify', 'listed')
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
LEFT JOIN safe_production.enterprises AS r
  ON r.uscc = e.subject AND e.subject <> ''
