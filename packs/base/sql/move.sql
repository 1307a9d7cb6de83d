SELECT
  m.move_no AS move_no,
  UPPER(m.id_number) AS id_number,
  m.kind AS kind,
  m.from_address AS from_address,
  m.to_address AS to_address,
  m.moved_on AS moved_on,
  m.until_on AS until_on,
  COALESCE(o.others, 0) > 0 AS is_overlapping
FROM base.police_move AS m
LEFT JOIN (
  SELECT a.move_no AS move_no, COUNT(*) AS others
  FROM base.police_move AS a
  JOIN base.police_move AS b
    ON UPPER(b.id_number) = UPPER(a.id_number) AND b.move_no <> a.move_no
  WHERE (b.until_on IS NULL OR b.until_on > a.moved_on)
    AND (a.until_on IS NULL OR a.until_on > b.moved_on)
  GROUP BY a.move_no
) AS o
  ON o.move_no = m.move_no
