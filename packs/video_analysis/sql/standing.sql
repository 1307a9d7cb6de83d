SELECT
  b.id AS id,
  b.name AS name,
  a.accuracy AS accuracy,
  a.active_from AS active_from,
  a.active_until AS active_until,
  c.state AS camera_state,
  c.is_shared AS is_shared,
  c.owner_organ = b.owner_organ AS is_owner
FROM video_analysis.bindings AS b
LEFT JOIN video_analysis.algorithms AS a
  ON a.id = b.algorithm
LEFT JOIN cameras.cameras AS c
  ON c.id = b.camera
