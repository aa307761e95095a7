-- name: worklist
-- answers: Which customers need work today, in which order, and why?
-- answers_es: ¿Con qué clientes hay que trabajar hoy, en qué orden y por qué?
-- title_es: Lista de trabajo de cobranza
-- title_en: Collectors' work list
-- formula: points = past due, worst item over 90 days 30, 61-90 20, 31-60 10, 1-30 5 + broken promise 15 + dispute open too long 10 +
--   over the credit limit 10 + nobody reached for days 10 + payment complement overdue 5, near 3 + PUE invoice unpaid after its month 5,
--   near 3 + cash to apply 5 + insolvent 5, on hold 3 + risk band high 5; at risk = past due - disputes not yet open too long
-- formula_es: puntos = vencido, peor partida a más de 90 días 30, 61-90 20, 31-60 10, 1-30 5 + promesa rota 15 + aclaración abierta de
--   más 10 + límite rebasado 10 + nadie contesta hace días 10 + complemento de pago vencido 5, por vencer 3 + factura PUE sin pagar
--   pasado su mes 5, por vencer 3 + pagos por aplicar 5 + insolvente 5, en espera 3 + riesgo alto 5; en riesgo = vencido - aclaraciones
--   vigentes
-- grain: one row per company_id, customer_id
-- params: as_of date, least_amount money = 0.00, grace_days int = 0, promise_days int = 90, dispute_days int = 30, contact_days int = 14,
--   rep_days int = 5, pue_days int = 5, rep_back_days int = 92
-- reads: work_items, risk_cards, rep_compliance, activities, customers_as_of, collectors, companies, gl_balances
-- columns: company_id id | customer_id id | customer_name text | collector_id id | collector_name text | segment text | currency text |
--   open_amount_company money | past_due_amount_company money | over_90_amount_company money | disputed_amount_company money |
--   at_risk_amount_company money | past_due_amount_group money | at_risk_amount_group money | worst_days_late int |
--   over_limit_amount_company money | unapplied_amount_company money | next_promise_date date | next_promise_amount money |
--   next_promise_currency text | last_promise_date date | last_promise_state text | last_attempt_date date | last_attempt_outcome text |
--   last_contact_date date | points_total int | points_past_due int | points_broken_promise int | points_dispute int |
--   points_over_limit int | points_no_contact int | points_rep int | points_pue int | points_unapplied int | points_status int |
--   points_risk int | reasons text
-- order: points_total desc, past_due_amount_group desc, company_id, customer_id
-- unit: points, at most 100; _company booked, _group at the closing rate of the day. Only customers with a reason, none of them our own
--   company. Past due counts from least_amount in group currency and if an item is over grace_days late; without it broken promises,
--   silence and cash to apply are no reason. Broken: the promise broken last, in the last promise_days, none taken since. Disputes are
--   too long open after dispute_days. Over the limit: as credit_exposure, of customers with open debits. Nobody reached: for more than
--   contact_days since the last contact (outcome reached, right_party, promise or dispute, or a promise taken), counted at most from the
--   day the worst item fell due. Attempts are activities but notes. Complements of payments of the last rep_back_days with deadline in
--   at most rep_days; PUE invoices with open amount whose month of issue ends in at most pue_days. Promises are known of customers with
--   open debits. reasons: code and facts, most points first
-- unit_es: puntos, a lo más 100; _company en libros, _group al tipo de cierre del día. Sólo clientes con una causa, ninguno empresa
--   propia. Lo vencido cuenta desde least_amount en moneda del grupo y con una partida a más de grace_days; sin eso no son causa la
--   promesa rota, el silencio ni los pagos por aplicar. Promesa rota: la última, en los últimos promise_days, sin otra tomada después.
--   Una aclaración está abierta de más pasados dispute_days. Límite: como credit_exposure, de clientes con cargos abiertos. Nadie
--   contesta: más de contact_days desde el último contacto (reached, right_party, promise, dispute o una promesa tomada), a lo más desde
--   que venció la peor partida. Intentos: gestiones menos notas. Complementos de pagos de los últimos rep_back_days con plazo en a lo
--   más rep_days; facturas PUE abiertas cuyo mes termina en a lo más pue_days. Las promesas son de clientes con cargos abiertos.
--   reasons: código y datos, primero lo de más puntos
-- holds: select customer_id from this where points_total <> points_past_due + points_broken_promise + points_dispute +
--   points_over_limit + points_no_contact + points_rep + points_pue + points_unapplied + points_status + points_risk or points_total not
--   between 1 and 100 or reasons is null
-- holds: select t.customer_id from this t join credit_exposure($as_of) c on c.company_id = t.company_id and c.customer_id = t.customer_id
--   where t.over_limit_amount_company > 0.02 and (not c.is_breach or abs(c.headroom_amount + t.over_limit_amount_company) > 0.02)
--   or t.over_limit_amount_company = 0.00 and c.is_breach and c.headroom_amount < -0.02 and t.past_due_amount_company > 0.00
-- holds: select t.customer_id from this t left join top_past_due($as_of) p on p.owner_id = t.company_id and p.customer_id =
--   t.customer_id where t.past_due_amount_group <> coalesce(p.past_due_amount, 0.00)
-- holds: select p.customer_id from top_past_due($as_of) p left join this t on t.company_id = p.owner_id and t.customer_id =
--   p.customer_id where p.past_due_amount > $least_amount and p.worst_days_late > $grace_days and t.customer_id is null
-- inputs: past_due_amount_company = select i.company_id, i.customer_id, i.document_id, i.instalment, i.document_kind, i.due_date,
--   i.days_late, i.currency, i.item_open_amount, i.open_amount_company as amount from worklist_items($as_of, $dispute_days) i join this
--   t on t.company_id = i.company_id and t.customer_id = i.customer_id
-- inputs: at_risk_amount_company = select i.company_id, i.customer_id, i.document_id, i.instalment, i.document_kind, i.due_date,
--   i.days_late, i.currency, i.item_open_amount, i.at_risk_amount_company as amount from worklist_items($as_of, $dispute_days) i join
--   this t on t.company_id = i.company_id and t.customer_id = i.customer_id
-- source: METRICS 2, 17, 18, 19, 20, 21, 25 and 26
with rules as (
    -- points of each rule: the formula in the header says them too
    select *
    from (
        values
            (1, 'past_due', 'past_due_over_90', 30), (2, 'past_due', 'past_due_61_90', 20), (3, 'past_due', 'past_due_31_60', 10),
            (4, 'past_due', 'past_due_1_30', 5), (5, 'broken_promise', 'broken_promise', 15), (6, 'dispute', 'dispute_too_long', 10),
            (7, 'over_limit', 'over_limit', 10), (8, 'no_contact', 'no_contact', 10), (9, 'rep', 'rep_overdue', 5),
            (10, 'rep', 'rep_near', 3), (11, 'pue', 'pue_over', 5), (12, 'pue', 'pue_near', 3), (13, 'unapplied', 'unapplied', 5),
            (14, 'status', 'insolvent', 5), (15, 'status', 'on_hold', 3), (16, 'risk', 'risk_high', 5)
    ) as r (position, rule, code, points)
),

control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

owed as (
    select
        i.company_id, i.customer_id, c.functional_currency as currency,
        sum(i.open_amount_company) as open_amount,
        -- advances off the control account are no credit given
        sum(
            case
                when i.aging_class = 'advances' and a.account is null and i.account <> coalesce(c.control_account, i.account)
                    then i.open_amount_company
                else 0.00
            end
        ) as outside_amount,
        sum(case when i.aging_class = 'due' then i.open_amount_company else 0.00 end) as debit_amount,
        sum(case when i.aging_class = 'due' and i.days_late > 0 then i.open_amount_company else 0.00 end) as past_due_amount,
        sum(case when i.aging_class = 'due' and i.days_late > 90 then i.open_amount_company else 0.00 end) as over_90_amount,
        sum(case when i.aging_class = 'due' and i.days_late > 0 then i.open_amount * i.rate else 0.00 end) as past_due_amount_group,
        sum(i.disputed_amount_company) as disputed_amount,
        sum(case when i.days_late > 0 then i.standing_amount_company else 0.00 end) as standing_amount,
        sum(case when i.days_late > 0 then i.standing_amount * i.rate else 0.00 end) as standing_amount_group,
        sum(i.disputed_amount_company - i.standing_amount_company) as too_long_amount,
        min(case when i.disputed_amount > i.standing_amount then i.dispute_date end) as dispute_date,
        max(case when i.aging_class = 'due' and i.days_late > 0 and i.open_amount > 0.00 then i.days_late end) as worst_days_late,
        -sum(case when i.aging_class = 'unapplied' then i.open_amount_company else 0.00 end) as unapplied_amount,
        min(case when i.open_amount > 0.00 and i.pue_last_date <= $as_of then i.pue_last_date end) as pue_over_date,
        sum(case when i.open_amount > 0.00 and i.pue_last_date <= $as_of then i.open_amount_company else 0.00 end) as pue_over_amount,
        min(case when i.open_amount > 0.00 and i.pue_last_date > $as_of then i.pue_last_date end) as pue_near_date,
        sum(
            case
                when i.open_amount > 0.00 and i.pue_last_date between $as_of + 1 and $as_of + $pue_days then i.open_amount_company
                else 0.00
            end
        ) as pue_near_amount
    from work_items($as_of, $dispute_days) i
    join companies c on c.company_id = i.company_id
    left join control_accounts a on a.company_id = i.company_id and a.account = i.account
    group by i.company_id, i.customer_id, c.functional_currency
),

complements as (
    select
        company_id, customer_id,
        min(case when state = 'missing_overdue' then deadline_date end) as rep_over_date,
        sum(case when state = 'missing_overdue' then company_amount else 0.00 end) as rep_over_amount,
        min(case when state = 'pending' then deadline_date end) as rep_near_date,
        sum(case when state = 'pending' and deadline_date <= $as_of + $rep_days then company_amount else 0.00 end) as rep_near_amount
    from rep_compliance($as_of - $rep_back_days, $as_of)
    where state = 'missing_overdue' or (state = 'pending' and deadline_date <= $as_of + $rep_days)
    group by company_id, customer_id
),

tried as (
    select
        company_id, customer_id, activity_date, outcome,
        row_number() over (
            partition by company_id, customer_id
            order by activity_date desc, case when outcome is null or outcome = 'no_answer' then 1 else 0 end, activity_id desc
        ) as try_rank
    from activities
    where activity_date <= $as_of and kind <> 'note'
),

contacted as (
    select
        company_id, customer_id,
        max(activity_date) as attempt_date,
        max(case when try_rank = 1 then outcome end) as attempt_outcome,
        max(case when outcome in ('reached', 'right_party', 'promise', 'dispute') then activity_date end) as reached_date
    from tried
    group by company_id, customer_id
),

found as (
    select coalesce(o.company_id, r.company_id) as company_id, coalesce(o.customer_id, r.customer_id) as customer_id, o.open_amount,
        o.outside_amount, o.debit_amount, o.past_due_amount, o.over_90_amount, o.past_due_amount_group, o.disputed_amount,
        o.standing_amount, o.standing_amount_group, o.too_long_amount, o.dispute_date, o.worst_days_late, o.unapplied_amount,
        o.pue_over_date, o.pue_over_amount, o.pue_near_date, o.pue_near_amount, r.rep_over_date, r.rep_over_amount, r.rep_near_date,
        r.rep_near_amount
    from owed o
    full join complements r on r.company_id = o.company_id and r.customer_id = o.customer_id
),

judged as (
    select
        f.*, coalesce(k.name, f.customer_id) as customer_name, coalesce(k.collector_id, '(none)') as collector_id,
        coalesce(t.name, k.collector_id, '(none)') as collector_name, coalesce(k.segment, '(none)') as segment, k.status,
        c.functional_currency as currency,
        x.score, x.band, x.broken_date, x.broken_amount, x.broken_currency, x.next_date, x.next_amount, x.next_currency, x.last_date,
        x.last_state, a.attempt_date, a.attempt_outcome,
        greatest(a.reached_date, x.last_taken_date) as contact_date,
        greatest(f.open_amount - f.outside_amount + x.further_amount - x.limit_amount, 0.00) as over_limit_amount,
        f.open_amount - f.outside_amount + x.further_amount > 0.00 as is_exposed,
        coalesce(
            f.past_due_amount > 0.00 and f.past_due_amount_group >= $least_amount and f.worst_days_late > $grace_days, false
        ) as is_late,
        coalesce(
            x.broken_resolved_date > $as_of - $promise_days and x.last_taken_date <= x.broken_date, false
        ) as is_broken,
        least(
            f.worst_days_late,
            coalesce(days_between($as_of, greatest(a.reached_date, x.last_taken_date)), f.worst_days_late)
        ) as silent_days
    from found f
    join companies c on c.company_id = f.company_id
    left join customers_as_of($as_of) k on k.company_id = f.company_id and k.customer_id = f.customer_id
    left join collectors t on t.collector_id = k.collector_id
    left join risk_cards($as_of) x on x.company_id = f.company_id and x.customer_id = f.customer_id
    left join contacted a on a.company_id = f.company_id and a.customer_id = f.customer_id
    where k.counterparty_company_id is null
),

-- one row per customer and rule that it breaks, with the facts
lined as (
    select
        j.*, r.position, r.rule, r.points,
        case r.rule
            when 'past_due'
                then concat('past_due ', cast(j.worst_days_late as varchar), ' ',
                    cast(cast(j.past_due_amount as decimal(18, 2)) as varchar), ' ', j.currency)
            when 'broken_promise'
                then concat('broken_promise ', cast(j.broken_date as varchar), ' ',
                    cast(cast(j.broken_amount as decimal(18, 2)) as varchar), ' ', j.broken_currency)
            when 'dispute'
                then concat('dispute_too_long ', cast(days_between($as_of, j.dispute_date) as varchar), ' ',
                    cast(cast(j.too_long_amount as decimal(18, 2)) as varchar), ' ', j.currency)
            when 'over_limit'
                then concat('over_limit ', cast(cast(j.over_limit_amount as decimal(18, 2)) as varchar), ' ', j.currency)
            when 'no_contact'
                then concat(case when j.contact_date is null then 'never_contacted ' else 'no_contact ' end,
                    cast(j.silent_days as varchar))
            when 'unapplied'
                then concat('unapplied ', cast(cast(j.unapplied_amount as decimal(18, 2)) as varchar), ' ', j.currency)
            when 'status' then r.code
            when 'risk' then concat('risk_high ', cast(j.score as varchar))
            else concat(
                r.code, ' ',
                cast(
                    case r.code
                        when 'rep_overdue' then j.rep_over_date when 'rep_near' then j.rep_near_date
                        when 'pue_over' then j.pue_over_date else j.pue_near_date
                    end as varchar
                ), ' ',
                cast(
                    cast(
                        case r.code
                            when 'rep_overdue' then j.rep_over_amount when 'rep_near' then j.rep_near_amount
                            when 'pue_over' then j.pue_over_amount else j.pue_near_amount
                        end as decimal(18, 2)
                    ) as varchar
                ), ' ', j.currency
            )
        end as reason
    from judged j
    join rules r on case r.code
        when 'past_due_over_90' then j.is_late and j.worst_days_late > 90
        when 'past_due_61_90' then j.is_late and j.worst_days_late between 61 and 90
        when 'past_due_31_60' then j.is_late and j.worst_days_late between 31 and 60
        when 'past_due_1_30' then j.is_late and j.worst_days_late <= 30
        when 'broken_promise' then j.is_late and j.is_broken
        when 'dispute_too_long' then j.dispute_date is not null
        when 'over_limit' then j.debit_amount > 0.00 and j.is_exposed and j.over_limit_amount > 0.00
        when 'no_contact' then j.is_late and j.silent_days > $contact_days
        when 'rep_overdue' then j.rep_over_date is not null
        when 'rep_near' then j.rep_over_date is null and j.rep_near_date is not null
        when 'pue_over' then j.pue_over_date is not null
        when 'pue_near' then j.pue_over_date is null and j.pue_near_date <= $as_of + $pue_days
        when 'unapplied' then j.is_late and j.unapplied_amount > 0.00
        when 'insolvent' then j.debit_amount > 0.00 and j.status = 'insolvent'
        when 'on_hold' then j.debit_amount > 0.00 and j.status = 'hold'
        else j.band = 'high'
    end
),

summed as (
    select
        company_id, customer_id,
        sum(points) as points_total,
        sum(case when rule = 'past_due' then points else 0 end) as points_past_due,
        sum(case when rule = 'broken_promise' then points else 0 end) as points_broken_promise,
        sum(case when rule = 'dispute' then points else 0 end) as points_dispute,
        sum(case when rule = 'over_limit' then points else 0 end) as points_over_limit,
        sum(case when rule = 'no_contact' then points else 0 end) as points_no_contact,
        sum(case when rule = 'rep' then points else 0 end) as points_rep,
        sum(case when rule = 'pue' then points else 0 end) as points_pue,
        sum(case when rule = 'unapplied' then points else 0 end) as points_unapplied,
        sum(case when rule = 'status' then points else 0 end) as points_status,
        sum(case when rule = 'risk' then points else 0 end) as points_risk,
        string_agg(reason, '; ' order by points desc, position) as reasons,
        max(customer_name) as customer_name, max(collector_id) as collector_id, max(collector_name) as collector_name,
        max(segment) as segment, max(currency) as currency, coalesce(max(open_amount), 0.00) as open_amount_company,
        coalesce(max(past_due_amount), 0.00) as past_due_amount_company, coalesce(max(over_90_amount), 0.00) as over_90_amount_company,
        coalesce(max(disputed_amount), 0.00) as disputed_amount_company,
        coalesce(max(past_due_amount - standing_amount), 0.00) as at_risk_amount_company,
        coalesce(max(past_due_amount_group), 0.00) as past_due_amount_group,
        coalesce(max(past_due_amount_group - standing_amount_group), 0.00) as at_risk_amount_group,
        max(worst_days_late) as worst_days_late,
        max(case when rule = 'over_limit' then over_limit_amount else 0.00 end) as over_limit_amount_company,
        coalesce(max(unapplied_amount), 0.00) as unapplied_amount_company,
        max(next_date) as next_promise_date, max(next_amount) as next_promise_amount, max(next_currency) as next_promise_currency,
        max(last_date) as last_promise_date, max(last_state) as last_promise_state,
        max(attempt_date) as last_attempt_date, max(attempt_outcome) as last_attempt_outcome, max(contact_date) as last_contact_date
    from lined
    group by company_id, customer_id
),

final as (
    select
        company_id, customer_id, customer_name, collector_id, collector_name, segment, currency, open_amount_company,
        past_due_amount_company, over_90_amount_company, disputed_amount_company, at_risk_amount_company, past_due_amount_group,
        at_risk_amount_group, worst_days_late, over_limit_amount_company, unapplied_amount_company, next_promise_date,
        next_promise_amount, next_promise_currency, last_promise_date, last_promise_state, last_attempt_date, last_attempt_outcome,
        last_contact_date, points_total, points_past_due, points_broken_promise, points_dispute, points_over_limit, points_no_contact,
        points_rep, points_pue, points_unapplied, points_status, points_risk, reasons
    from summed
)

select * from final
