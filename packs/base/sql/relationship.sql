SELECT
  s.id_number AS id_number,
  s.other AS other,
  p.name AS other_name,
  s.relation AS relation,
  s.since AS since,
  s.source AS source,
  COALESCE(
    s.relation IN ('父母', '子女') AND ABS(YEAR(e.birth_on) - YEAR(p.birth_on)) < 12,
    FALSE
  ) OR COALESCE(s.relation = '父母' AND p.birth_on > e.birth_on, FALSE)
    OR COALESCE(s.relation = '子女' AND p.birth_on < e.birth_on, FALSE) AS is_doubtful
FROM (
  SELECT id_number, other, relation, MIN(since) AS since, MIN(source) AS source
  FROM (
    SELECT UPPER(husband_id) AS id_number, UPPER(wife_id) AS other, '配偶' AS relation,
      registered_on AS since, 'base.marriage' AS source
    FROM base.marriage
    WHERE kind = '结婚'
    UNION ALL
    SELECT UPPER(wife_id), UPPER(husband_id), '配偶', registered_on, 'base.marriage'
    FROM base.marriage
    WHERE kind = '结婚'
    UNION ALL
    SELECT UPPER(child_id), UPPER(mother_id), '父母', born_on, 'base.birth'
    FROM base.birth
    UNION ALL
    SELECT UPPER(child_id), UPPER(father_id), '父母', born_on, 'base.birth'
    FROM base.birth
    UNION ALL
    SELECT UPPER(mother_id), UPPER(child_id), '子女', born_on, 'base.birth'
    FROM base.birth
    UNION ALL
    SELECT UPPER(father_id), UPPER(child_id), '子女', born_on, 'base.birth'
    FROM base.birth
    UNION ALL
    SELECT UPPER(m.id_number), UPPER(h.head_id_number), '户主', h.set_up_on, 'base.police_household'
    FROM base.police_resident AS m
    JOIN base.police_household AS h
      ON h.household = m.household
    WHERE UPPER(m.id_number) <> UPPER(h.head_id_number)
    UNION ALL
    SELECT UPPER(h.head_id_number), UPPER(m.id_number), '同户人员', h.set_up_on, 'base.police_household'
    FROM base.police_resident AS m
    JOIN base.police_household AS h
      ON h.household = m.household
    WHERE UPPER(m.id_number) <> UPPER(h.head_id_number)
  ) AS told
  WHERE id_number IS NOT NULL AND other IS NOT NULL AND id_number <> other
  GROUP BY id_number, other, relation
) AS s
JOIN base.person AS e
  ON e.id_number = s.id_number
JOIN base.person AS p
  ON p.id_number = s.other
