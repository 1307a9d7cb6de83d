SELECT
  v.number AS number,
  v.subject AS camera,
  c.name AS name,
  c.owner_organ AS owner_organ,
  k.organ AS viewer_organ,
  v.value AS watermark,
  v.at AS allowed_at,
  k.ended_at AS ended_at,
  k.state = 'open' AS is_in_force
FROM platform.evidence AS v
JOIN platform.cases AS k
  ON k.number = v.number
LEFT JOIN cameras.cameras AS c
  ON c.id = v.subject
WHERE v.flow = 'cameras.viewing' AND v.name = '水印文字'
