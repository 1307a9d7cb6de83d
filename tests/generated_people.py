"""Made-up people in households for the 25 subsidies: DuckDB SQL, same number, same people.

Every column that a rule reads has gaps, edges and days on which somebody turns an age.
"""

BAR_DAY = "2026-11-22"


def people_sql(count: int) -> str:
    """A SELECT with one row per person, in the columns of benefits.person and of the elders."""
    roll = ", ".join(f"(hash(i, {n}) % 1000000) / 1000000.0 AS r{n}" for n in range(24))
    edge = f"CAST(DATE '{BAR_DAY}' - to_years(CAST(r1 * 105 AS INTEGER)) AS DATE)"
    edge += " + CAST(floor(r2 * 3) AS INTEGER) - 1"
    plain = f"DATE '{BAR_DAY}' - CAST(r1 * 38000 AS INTEGER)"
    return f"""
SELECT
  '32132319' || lpad(CAST(i AS VARCHAR), 10, '0') AS id_number,
  '王' || CAST(i % 97 AS VARCHAR) AS name,
  '138' || lpad(CAST(i % 100000000 AS VARCHAR), 8, '0') AS phone,
  CASE WHEN r0 < 0.49 THEN '1' WHEN r0 < 0.99 THEN '2' END AS sex,
  CASE WHEN r3 < 0.01 THEN NULL WHEN r3 < 0.3 THEN CAST({edge} AS DATE)
    ELSE {plain} END AS birth_on,
  CASE WHEN r4 > 0.01 THEN '321323' || lpad(CAST(i % 240 AS VARCHAR), 6, '0') END AS division,
  '3213230' || lpad(CAST(i % 16 AS VARCHAR), 2, '0') || '000' AS township,
  CAST(i // 4 AS VARCHAR) AS household,
  CASE i % 4 WHEN 0 THEN '01' WHEN 1 THEN '10' WHEN 2 THEN '20'
    ELSE CASE WHEN r5 > 0.05 THEN '50' END END AS relation,
  CASE WHEN r6 > 0.01 THEN r6 > 0.05 END AS is_alive,
  CASE WHEN r6 <= 0.05 AND r7 > 0.1
    THEN DATE '{BAR_DAY}' - CAST(r8 * 900 AS INTEGER) END AS death_on,
  CASE WHEN r9 > 0.02 THEN CAST(floor(r9 * 7) AS BIGINT) END AS household_size,
  CASE WHEN r10 > 0.01 THEN CAST(floor(r10 * 2.2) AS BIGINT) END AS household_disabled,
  CASE WHEN r11 > 0.01 THEN CAST(floor(r11 * 1.3) AS BIGINT) END AS household_assisted,
  CASE WHEN r12 < 0.06 THEN '01' WHEN r12 < 0.09 THEN '02' WHEN r12 < 0.12 THEN '03' END
    AS assistance,
  CASE WHEN r12 < 0.05
    THEN CAST(CAST(floor(r13 * 90000) AS BIGINT) * 0.01 AS DECIMAL(18, 6)) END
    AS assistance_amount,
  CASE WHEN r14 < 0.09 THEN CAST(CAST(floor(1 + r15 * 6.99) AS BIGINT) AS VARCHAR) END
    AS disability_category,
  CASE WHEN r14 < 0.1 THEN CAST(CAST(floor(1 + r16 * 3.99) AS BIGINT) AS VARCHAR) END
    AS disability_degree,
  CASE WHEN r17 < 0.5 THEN '就业' WHEN r17 < 0.62 THEN '失业' WHEN r17 < 0.74 THEN '灵活就业'
    ELSE '无' END AS employment,
  CASE WHEN r17 < 0.74 AND r18 > 0.03
    THEN DATE '{BAR_DAY}' - CAST(r18 * 1500 AS INTEGER) END AS employment_since,
  CASE WHEN r19 > 0.05 THEN CAST(floor(r19 * 180) AS BIGINT) END AS insured_months,
  r20 < 0.3 AS is_hard_to_employ,
  CASE WHEN r21 < 0.3 THEN '城镇职工' WHEN r21 < 0.8 THEN '城乡居民' ELSE '无' END AS insurance,
  CASE WHEN r22 > 0.03 THEN CAST(floor(r22 * 400) AS BIGINT) END AS pension_months,
  CASE WHEN r23 < 0.06 THEN '学前' WHEN r23 < 0.16 THEN '小学' WHEN r23 < 0.22 THEN '初中'
    WHEN r23 < 0.27 THEN '高中' WHEN r23 < 0.29 THEN '中职' WHEN r23 < 0.36 THEN '大学'
    ELSE '无' END AS school_stage,
  CASE WHEN r2 > 0.04 THEN DATE '{BAR_DAY}' - CAST(r2 * 1600 AS INTEGER) END AS enrolled_on,
  CASE WHEN r5 < 0.05 THEN '义务兵' ELSE '无' END AS veteran_kind,
  CASE WHEN r5 < 0.045 THEN CAST(floor(1 + r7 * 14) AS BIGINT) END AS service_years,
  CASE WHEN r5 < 0.012 THEN CAST(floor(1 + r8 * 9.99) AS BIGINT) END AS injury_grade,
  CASE WHEN r13 < 0.1 THEN '独生子女父母' WHEN r13 < 0.12 THEN '失独' WHEN r13 < 0.14 THEN '伤残'
    ELSE '无' END AS family_kind,
  CASE WHEN r15 < 0.02 THEN '孤儿' WHEN r15 < 0.04 THEN '事实无人抚养' ELSE '无' END
    AS guardianship,
  CAST(floor(r16 * 4) AS BIGINT) AS births,
  CASE WHEN r18 > 0.4 THEN DATE '{BAR_DAY}' - CAST(r19 * 1200 AS INTEGER) END AS last_birth_on,
  CASE WHEN r20 > 0.9 THEN '租赁补贴' WHEN r20 > 0.87 THEN '公租房实物配租' ELSE '无' END
    AS housing_kind,
  CASE WHEN r21 > 0.05 THEN CAST(CAST(floor(r21 * 9000) AS BIGINT) * 0.01 AS DECIMAL(18, 6)) END
    AS floor_area,
  '6222' || lpad(CAST(i AS VARCHAR), 12, '0') AS account,
  CASE WHEN r22 > 0.1 THEN CASE WHEN r22 > 0.15 THEN '1' ELSE '2' END END AS account_status,
  CASE WHEN r22 > 0.1 THEN CAST(1 + floor(r23 * 1.1) AS BIGINT) END AS account_holders
FROM (SELECT i, {roll} FROM range({int(count)}) AS t(i))
"""
