SELECT
  s.number AS number,
  s.organ AS organ,
  s.title AS title,
  COUNT(DISTINCT d.number) AS entries,
  COUNT(DISTINCT CASE WHEN d.share <> '3' THEN d.number END) AS shareable,
  COUNT(DISTINCT CASE WHEN g.number IS NOT NULL THEN d.number END) AS shared,
  COUNT(DISTINCT CASE WHEN x.rows > 0 THEN d.number END) AS filled,
  COUNT(DISTINCT c.id) AS calls,
  COUNT(DISTINCT a.id) AS assets
FROM platform.entries AS s
LEFT JOIN platform.entries AS d
  ON d.list = 'data' AND d.system IN (s.number, s.title, s.source)
LEFT JOIN platform.entries AS g
  ON g.list = 'sharing' AND g.resource IN (d.number, d.about)
LEFT JOIN platform.datasets AS x
  ON x.ref = d.about
LEFT JOIN platform.calls AS c
  ON c."table" = d.about AND c.outcome = 'answered'
LEFT JOIN (
  SELECT id, system
  FROM projects.assets
  UNION
  SELECT value AS id, subject AS system
  FROM platform.evidence
  WHERE flow = 'projects.project' AND name = '资产登记编号'
) AS a
  ON a.system = s.number
WHERE s.list = 'system'
GROUP BY s.number, s.organ, s.title
