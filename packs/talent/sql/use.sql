SELECT
  x.id AS id,
  x.title AS title,
  x.field AS field,
  COUNT(e.number) AS times,
  AVG(CAST(e.value AS DECIMAL(6, 2))) AS score
FROM talent.experts AS x
LEFT JOIN platform.evidence AS e
  ON e.subject = x.id AND e.flow = 'talent.consult' AND e.name = '评分'
GROUP BY x.id, x.title, x.field
