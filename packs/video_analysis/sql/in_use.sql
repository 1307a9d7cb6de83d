SELECT
  b.id AS id,
  b.name AS name,
  b.algorithm AS algorithm,
  b.camera AS camera,
  b.owner_organ AS owner_organ,
  MIN(e.at) AS bound_at
FROM video_analysis.bindings AS b
JOIN platform.evidence AS e
  ON e.subject = b.id AND e.flow = 'video_analysis.bind' AND e.name = '启用说明'
GROUP BY b.id, b.name, b.algorithm, b.camera, b.owner_organ
