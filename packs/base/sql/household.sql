SELECT
  h.household AS household,
  UPPER(h.head_id_number) AS head_id_number,
  p.name AS head_name,
  h.village AS division,
  h.kind AS kind,
  h.set_up_on AS set_up_on,
  COALESCE(m.members, 0) AS members
FROM base.police_household AS h
LEFT JOIN base.resident AS p
  ON p.id_number = UPPER(h.head_id_number)
LEFT JOIN (
  SELECT household, COUNT(*) AS members
  FROM base.resident
  WHERE is_alive
  GROUP BY household
) AS m
  ON m.household = h.household
