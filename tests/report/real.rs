//! The close pack over the shipped queries and a real ledger: names, columns and kinds of spec and queries fit together.

use super::{blocks, chart, kpis, lines, message, request, table};
use crate::book::Book;
use cartera::config::Config;
use cartera::domain::lang::Lang;
use cartera::engine::rows::{Datum, Rows};
use cartera::engine::{Engine, Together};
use cartera::error::Result;
use cartera::report::pack::{Block, Cell, Pack};
use cartera::report::{self, Answers, Cut, CutGrain, CutWish, QueryColumn, QueryDefinition, Request, Spec};
use rust_decimal::Decimal;
use std::cell::RefCell;

struct Shipped {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
    /// What the pack being built asks.
    together: RefCell<Option<Together>>,
}

impl Shipped {
    fn build(&self, spec: &Spec, request: &Request) -> Result<Pack> {
        let questions = report::questions(spec, request, self);
        *self.together.borrow_mut() = Some(self.runtime.block_on(self.engine.together(&questions, None))?);
        report::build(spec, request, self)
    }
}

impl Answers for Shipped {
    fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows> {
        match self.together.borrow().as_ref() {
            Some(together) => self.runtime.block_on(together.ask(query, arguments)),
            None => self.runtime.block_on(self.engine.ask(query, arguments, None)),
        }
    }
    fn define(&self, query: &str) -> Option<QueryDefinition> {
        let file = self.engine.catalogue().get(query)?;
        let header = &file.header;
        let columns = header.columns.iter();
        Some(QueryDefinition {
            name: header.name.clone(),
            title_es: header.title_es.clone().unwrap_or_default(),
            title_en: header.title_en.clone().unwrap_or_default(),
            answers_es: header.answers_es.clone().unwrap_or_default(),
            answers_en: header.answers.clone(),
            formula_es: header.formula_es.clone().unwrap_or_default(),
            formula_en: header.formula.clone().unwrap_or_default(),
            grain: header.grain.clone(),
            source: header.source.clone(),
            digest: file.digest.clone(),
            parameters: header.params.iter().map(|p| p.name.clone()).collect(),
            columns: columns.map(|c| QueryColumn { name: c.name.clone(), type_name: c.kind.as_str().to_string() }).collect(),
        })
    }
}

const LEDGER: &str = "
    companies company_id=MX1 name=Uno country=MX functional_currency=MXN
    companies company_id=US1 name=Two country=US functional_currency=USD
    collectors collector_id=K1 name=Ana
    collector_targets collector_id=K1 month=2026-10 currency=MXN amount=9000
    customers company_id=MX1 customer_id=C1 name=Aceros collector_id=K1 credit_limit=1000 credit_currency=MXN
    customers company_id=MX1 customer_id=C2 name=<b>Bosch
    customers company_id=US1 customer_id=C1 name={amount}
    fx_rates rate_date=2026-08-31 currency=USD to_currency=MXN rate=19 kind=accounting
    fx_rates rate_date=2026-08-31 currency=USD to_currency=MXN rate=19 kind=closing
    fx_rates rate_date=2026-09-30 currency=USD to_currency=MXN rate=19.5 kind=closing
    fx_rates rate_date=2026-10-10 currency=USD to_currency=MXN rate=20 kind=accounting
    fx_rates rate_date=2026-10-31 currency=USD to_currency=MXN rate=20 kind=closing
    documents company_id=MX1 document_id=I1 document_kind=invoice customer_id=C1 account=1150 document_date=2026-09-01 due_date=2026-09-20 currency=MXN amount=5000
    documents company_id=MX1 document_id=I2 document_kind=invoice customer_id=C2 account=1150 document_date=2026-10-05 due_date=2026-11-05 currency=MXN amount=3000
    documents company_id=MX1 document_id=I3 document_kind=invoice customer_id=C2 account=1150 document_date=2026-10-10 due_date=2026-10-20 currency=USD amount=100 company_amount=2000
    documents company_id=MX1 document_id=R1 document_kind=receipt customer_id=C1 account=1150 document_date=2026-10-15 currency=MXN amount=1200
    applications company_id=MX1 application_id=A1 kind=receipt from_document_id=R1 to_document_id=I1 posting_date=2026-10-15 amount=1000
    documents company_id=US1 document_id=I1 document_kind=invoice customer_id=C1 account=1200 document_date=2026-09-15 due_date=2026-10-01 currency=USD amount=50
    gl_balances company_id=MX1 account=1150 as_of=2026-10-31 currency=MXN balance=6900
    gl_balances company_id=MX1 account=1150 as_of=2026-10-31 currency=USD balance=100
    gl_items company_id=MX1 account=1150 item_id=J1 posting_date=2026-10-30 currency=MXN amount=60 cause=manual_journal
";

fn shipped() -> (Book, Shipped) {
    let book = Book::new();
    book.load("2026-10-31", LEDGER);
    let config = Config::parse("[group]\nname = 'Grupo'\ncurrency = 'MXN'\n[fx]\nmax_age_days = 30\n").unwrap();
    let engine = Engine::open(&book.store.snapshot(None).unwrap(), &config).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    (book, Shipped { engine, runtime, together: RefCell::default() })
}

fn number(cell: &Cell) -> Decimal {
    match cell {
        Cell::Number(number) => *number,
        other => panic!("{other:?} is no number"),
    }
}

#[test]
fn the_shipped_queries_answer_the_close_pack() {
    let (_book, answers) = shipped();
    let spec = Spec::shipped("close").unwrap();
    for lang in [Lang::Es, Lang::En] {
        let pack = answers.build(&spec, &request(lang)).unwrap_or_else(|e| panic!("{e}"));
        // 6,800.00 + USD 150 × 20 in every place that shows the group's total.
        let total = Decimal::from(9800);
        assert_eq!(number(&kpis(&pack)[0].value), total);
        assert_eq!(number(&table(&pack, "aging_group").rows.last().unwrap().cells[1]), total);
        assert_eq!(chart(&pack, "rollforward_bridge").series[0].values.last().unwrap().unwrap(), total);
        assert_eq!(lines(table(&pack, "aging")).last().unwrap().rsplit(" | ").next().unwrap(), "150.00");
        assert_eq!(number(&table(&pack, "top_past_due").rows.last().unwrap().cells[4]), Decimal::from(7000));
        assert!(!pack.state.is_final);
        for section in &pack.sections {
            let is_a_list = ["definitions", "trial_balance", "unapplied", "cut_off", "adjustments", "fx"].contains(&section.id.as_str());
            assert!(is_a_list || !section.message.is_empty(), "{} says nothing", section.id);
        }
    }
    let es = answers.build(&spec, &request(Lang::Es)).unwrap();
    assert_eq!(
        es.state.reasons,
        [
            "MX1 · 1150 · MXN: 40.00 MXN sin explicar de una diferencia de 100.00 con el mayor",
            "US1 · 1200 · USD: no hay saldo del mayor con qué comparar"
        ]
    );
    assert_eq!(
        message(&es, "tie_out"),
        "Conciliación con el mayor de 3 cuentas de control; 2 cuentas de control con diferencia sin explicar o sin saldo del mayor."
    );
    let credits = lines(table(&es, "credits"));
    assert_eq!(credits, ["MX1 | C1 | Aceros | MXN | -200.00 | -200.00"]);
}

#[test]
fn the_work_list_names_customers_and_reasons_and_is_not_signed() {
    let (_book, answers) = shipped();
    let spec = Spec::shipped("worklist").unwrap();
    let es = answers.build(&spec, &request(Lang::Es)).unwrap_or_else(|e| panic!("{e}"));
    // C1: 4,000 for 41 days, 3,800 exposed against 1,000; US1 C1: 30 days; C2: 11 days, too few to be silence.
    let list = lines(table(&es, "worklist"));
    assert_eq!(list.len(), 4, "{list:#?}");
    assert_eq!(
        list[0],
        "35 | MX1 | C1 | Aceros | Ana | 4000.00 | 4000.00 |  |  | hasta 41 días de mora; límite rebasado por 2,800.00 MXN; nunca \
         contactado; 200.00 MXN por aplicar antes de llamar"
    );
    assert_eq!(
        list[1],
        "15 | US1 | C1 | {amount} | Sin gestor | 1000.00 | 1000.00 |  |  | nunca contactado; hasta 30 días de \
         mora"
    );
    assert_eq!(
        message(&es, "worklist"),
        "3 clientes por trabajar: 7,000.00 MXN vencidos, de los que 7,000.00 MXN están en riesgo; 2 clientes sin contacto."
    );
    assert_eq!(lines(table(&es, "worklist_rules"))[0], "Cartera vencida | 1 | 2 | 3");
    // Nobody signs it: no word for a state, on the cover or at the foot.
    assert!(es.state.is_final && es.state.label.is_empty() && !es.proof.line.contains("conciliada"));

    let wish = CutWish { grain: CutGrain::Collector, company: None, member: "K1".into() };
    let cut = Cut::find(&wish, request(Lang::En).as_of, &answers).unwrap_or_else(|e| panic!("{e}"));
    let own = cartera::report::Request { cut: Some(cut), ..request(Lang::En) };
    let en = answers.build(&spec, &own).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(lines(table(&en, "worklist")).len(), 1);
    assert!(lines(table(&en, "worklist_items")).iter().all(|line| line.starts_with("MX1 | C1")));
    assert_eq!(lines(table(&en, "worklist_rules"))[0], "Past due | 1 | 1");
    assert!(en.entity.ends_with("collector K1 Ana only"), "{}", en.entity);
}

#[test]
fn spanish_and_english_questions_follow_the_headers() {
    let (_book, answers) = shipped();
    for lang in [Lang::Es, Lang::En] {
        let pack = answers.build(&Spec::shipped("close").unwrap(), &request(lang)).unwrap();
        let definitions = blocks(&pack).find_map(|b| if let Block::Definitions { items } = b { Some(items) } else { None }).unwrap();
        assert!(definitions.len() >= 15);
        for definition in definitions {
            let header = answers.define(&definition.name).unwrap();
            let own = if lang == Lang::Es { [header.answers_es, header.formula_es] } else { [header.answers_en, header.formula_en] };
            assert_eq!([&definition.answers, &definition.formula], own.each_ref(), "{}", definition.name);
            assert!(!definition.title.is_empty() && own.iter().all(|words| !words.is_empty()), "{}", definition.name);
        }
    }
}
