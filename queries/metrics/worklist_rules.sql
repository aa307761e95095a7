-- name: worklist_rules
-- answers: For which reasons do customers stand on the work list, whose are they, and how much is past due with them?
-- answers_es: ¿Por qué causas hay clientes en la lista de trabajo, de quién son y cuánto tienen vencido?
-- title_es: Causas de la lista de trabajo
-- title_en: Reasons on the work list
-- formula: customers of the work list with points of the rule, their points of it, and all they have past due and at risk
-- formula_es: clientes de la lista con puntos de la regla, sus puntos por ella y todo lo que tienen vencido y en riesgo
-- grain: one row per company_id, collector_id, rule
-- params: as_of date
-- reads: worklist
-- columns: company_id id | collector_id id | collector_name text | collector_order int | rule text | rule_order int | customers int |
--   points int | past_due_amount_group money | at_risk_amount_group money
-- order: rule_order, collector_order, company_id, collector_id
-- unit: counts, points, money in group currency at the closing rate of the day. A customer counts with every reason it has, so that
--   customers and money of several rules do not add up; of one rule, companies and collectors do
-- unit_es: conteos, puntos, importes en moneda del grupo al tipo de cierre del día. Un cliente cuenta en cada causa que tiene: clientes e
--   importes de varias reglas no se suman; los de una regla sí, entre empresas y gestores
-- holds: select t.company_id from (select company_id, sum(points) as p from this group by company_id) t join (select company_id,
--   sum(points_total) as p from worklist($as_of) group by company_id) w on w.company_id = t.company_id where t.p <> w.p
-- holds: select rule from this where customers < 1 or points < 3 * customers
-- inputs: customers = select w.company_id, w.collector_id, r.rule, w.customer_id, w.reasons, 1 as amount from worklist($as_of) w join
--   (values ('past_due', 'past_due'), ('broken_promise', 'broken_promise'), ('dispute', 'dispute_too_long'), ('over_limit',
--   'over_limit'), ('no_contact', 'no_contact'), ('no_contact', 'never_contacted'), ('rep', 'rep_overdue'), ('rep', 'rep_near'), ('pue',
--   'pue_over'), ('pue', 'pue_near'), ('unapplied', 'unapplied'), ('status', 'insolvent'), ('status', 'on_hold'), ('risk', 'risk_high'))
--   as r (rule, code) on strpos(concat('; ', w.reasons, ' '), concat('; ', r.code, ' ')) > 0 or strpos(concat('; ', w.reasons, ';'),
--   concat('; ', r.code, ';')) > 0
-- source: METRICS 17 to 21, 25 and 26
with lined as (
    select
        w.company_id, w.collector_id, w.collector_name, r.rule, r.rule_order, w.past_due_amount_group, w.at_risk_amount_group,
        case r.rule
            when 'past_due' then w.points_past_due
            when 'broken_promise' then w.points_broken_promise
            when 'dispute' then w.points_dispute
            when 'over_limit' then w.points_over_limit
            when 'no_contact' then w.points_no_contact
            when 'rep' then w.points_rep
            when 'pue' then w.points_pue
            when 'unapplied' then w.points_unapplied
            when 'status' then w.points_status
            else w.points_risk
        end as points
    from worklist($as_of) w
    cross join (
        values
            ('past_due', 1), ('broken_promise', 2), ('dispute', 3), ('over_limit', 4), ('no_contact', 5), ('rep', 6), ('pue', 7),
            ('unapplied', 8), ('status', 9), ('risk', 10)
    ) as r (rule, rule_order)
),

summed as (
    select
        company_id, collector_id, collector_name, rule, rule_order, count(*) as customers, sum(points) as points,
        sum(past_due_amount_group) as past_due_amount_group, sum(at_risk_amount_group) as at_risk_amount_group
    from lined
    where points > 0
    group by company_id, collector_id, collector_name, rule, rule_order
),

final as (
    select
        company_id, collector_id, collector_name,
        dense_rank() over (order by case when collector_id = '(none)' then 1 else 0 end, collector_name, collector_id) as collector_order,
        rule, rule_order, customers, points, past_due_amount_group, at_risk_amount_group
    from summed
)

select * from final
