//! The closed vocabularies of the ledger: document kinds, application kinds, effects, causes.
//!
//! The words are what extracts say and what the store holds; `POSTING` rules hang on the methods here, so that no other
//! room spells a kind as text.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }
        impl $name {
            /// Every word, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The stored word.
            pub fn as_str(self) -> &'static str { match self { $($name::$variant => $word),* } }
            /// From the stored word.
            pub fn parse(word: &str) -> Option<Self> { match word { $($word => Some($name::$variant),)* _ => None } }
        }
    };
}

vocabulary! {
    /// What a document is.
    DocumentKind {
        /// A sale on credit.
        Invoice = "invoice",
        /// Charges, interest.
        DebitMemo = "debit_memo",
        /// A promissory note (pagaré).
        Note = "note",
        /// A credit to the customer.
        CreditMemo = "credit_memo",
        /// Cash received.
        Receipt = "receipt",
        /// Cash paid back.
        Refund = "refund",
        /// Deposit, anticipo.
        Advance = "advance",
        /// A manual entry on a customer, signed.
        Adjustment = "adjustment",
    }
}

vocabulary! {
    /// How one document settles another, or part of it.
    ApplicationKind {
        /// Cash.
        Receipt = "receipt",
        /// A credit memo used.
        Credit = "credit",
        /// An advance used.
        Advance = "advance",
        /// A refund settles a receipt or credit.
        Refund = "refund",
        /// Discount taken.
        Discount = "discount",
        /// Tax withheld by the customer.
        Withholding = "withholding",
        /// Bank fee.
        Fee = "fee",
        /// Bad debt.
        WriteOff = "write_off",
        /// Customer against vendor.
        Netting = "netting",
        /// Sold to a factor.
        Factoring = "factoring",
        /// Realised exchange difference, company currency only.
        FxDifference = "fx_difference",
        /// Revaluation the ERP posted, company currency only.
        FxRevaluation = "fx_revaluation",
        /// Settlement seen only as a disappearance between two snapshots.
        Inferred = "inferred",
        /// A clearing group without pairing: one signed row per item.
        Clearing = "clearing",
    }
}

vocabulary! {
    /// What a document does to sales.
    SalesEffect {
        /// Counts as a sale.
        Sale = "sale",
        /// Returned goods.
        Return = "return",
        /// A price difference.
        Price = "price",
        /// A rebate; not netted from sales.
        Rebate = "rebate",
        /// An advance or its application.
        Advance = "advance",
        /// Interest.
        Interest = "interest",
        /// Nothing.
        None = "none",
    }
}

vocabulary! {
    /// Why a movement row exists with respect to others.
    Effect {
        /// First posting of a fact.
        Entry = "entry",
        /// The business reversed it, on its own posting day.
        Undo = "undo",
        /// Our knowledge changed, on the original posting day.
        Correction = "correction",
    }
}

vocabulary! {
    /// How a movement row came to be known.
    Cause {
        /// Ordinary.
        New = "new",
        /// Posted before the previous load's day, learned now.
        Late = "late",
        /// An extract changed a fact.
        Corrected = "corrected",
        /// Customer, due day or account changed in the business.
        Reclassified = "reclassified",
        /// A full extract no longer has it.
        Vanished = "vanished",
        /// Deduced from two snapshots.
        Inferred = "inferred",
    }
}

vocabulary! {
    /// Column of the aging a movement's item belongs to.
    AgingClass {
        /// Debits, aged by due day.
        Due = "due",
        /// Receipts and refunds.
        Unapplied = "unapplied",
        /// Credit memos and negative adjustments.
        Credits = "credits",
        /// Deposits.
        Advances = "advances",
    }
}

vocabulary! {
    /// What a movement is; each belongs to exactly one line of the roll-forward.
    MovementKind {
        /// Balance at the start of coverage; never a flow.
        Opening = "opening",
        /// Invoice posted.
        Invoice = "invoice",
        /// Debit memo posted.
        DebitMemo = "debit_memo",
        /// Note posted.
        Note = "note",
        /// Credit memo posted.
        CreditMemo = "credit_memo",
        /// Receipt posted.
        Receipt = "receipt",
        /// Refund posted.
        Refund = "refund",
        /// Advance posted.
        Advance = "advance",
        /// Manual entry posted.
        Adjustment = "adjustment",
        /// Cash applied from a receipt (two rows that cancel).
        ApplyReceipt = "apply_receipt",
        /// Credit applied (two rows that cancel).
        ApplyCredit = "apply_credit",
        /// Advance applied (two rows that cancel).
        ApplyAdvance = "apply_advance",
        /// Refund applied (two rows that cancel).
        ApplyRefund = "apply_refund",
        /// Cash on an item without a receipt document.
        Cash = "cash",
        /// Discount taken.
        Discount = "discount",
        /// Withheld tax.
        Withholding = "withholding",
        /// Bank fee.
        Fee = "fee",
        /// Write-off.
        WriteOff = "write_off",
        /// Netting with payables.
        Netting = "netting",
        /// Factoring.
        Factoring = "factoring",
        /// Realised exchange difference, amount 0.
        FxDifference = "fx_difference",
        /// Posted revaluation, amount 0.
        FxRevaluation = "fx_revaluation",
        /// Settled between two snapshots.
        Inferred = "inferred",
        /// One leg of a clearing group.
        Clearing = "clearing",
        /// Open balance moved to other attributes (two rows that cancel).
        Reclass = "reclass",
    }
}

impl DocumentKind {
    /// +1 for what the customer owes, −1 for what we owe; adjustments carry their own sign.
    pub fn sign(self) -> i64 {
        match self {
            DocumentKind::CreditMemo | DocumentKind::Receipt | DocumentKind::Advance => -1,
            _ => 1,
        }
    }
    /// The effect on sales where the extract says nothing.
    pub fn default_sales_effect(self) -> SalesEffect {
        match self {
            DocumentKind::Invoice => SalesEffect::Sale,
            DocumentKind::CreditMemo => SalesEffect::Return,
            DocumentKind::Advance => SalesEffect::Advance,
            _ => SalesEffect::None,
        }
    }
    /// Column of the aging for a document of this kind whose posted amount is negative or not.
    pub fn aging_class(self, negative: bool) -> AgingClass {
        match self {
            DocumentKind::Invoice | DocumentKind::DebitMemo | DocumentKind::Note => AgingClass::Due,
            DocumentKind::CreditMemo => AgingClass::Credits,
            DocumentKind::Receipt | DocumentKind::Refund => AgingClass::Unapplied,
            DocumentKind::Advance => AgingClass::Advances,
            DocumentKind::Adjustment if negative => AgingClass::Credits,
            DocumentKind::Adjustment => AgingClass::Due,
        }
    }
    /// The movement a document's own row is.
    pub fn movement_kind(self) -> MovementKind {
        match self {
            DocumentKind::Invoice => MovementKind::Invoice,
            DocumentKind::DebitMemo => MovementKind::DebitMemo,
            DocumentKind::Note => MovementKind::Note,
            DocumentKind::CreditMemo => MovementKind::CreditMemo,
            DocumentKind::Receipt => MovementKind::Receipt,
            DocumentKind::Refund => MovementKind::Refund,
            DocumentKind::Advance => MovementKind::Advance,
            DocumentKind::Adjustment => MovementKind::Adjustment,
        }
    }
}

impl SalesEffect {
    /// Whether sales of a period include it (POSTING 2).
    pub fn counts_as_sales(self) -> bool {
        matches!(self, SalesEffect::Sale | SalesEffect::Return | SalesEffect::Price)
    }
}

impl ApplicationKind {
    /// Whether it moves value between two documents (two rows) rather than off one.
    pub fn is_pair(self) -> bool {
        matches!(self, ApplicationKind::Receipt | ApplicationKind::Credit | ApplicationKind::Advance | ApplicationKind::Refund)
    }
    /// Whether only the company-currency value moves.
    pub fn is_company_value_only(self) -> bool {
        matches!(self, ApplicationKind::FxDifference | ApplicationKind::FxRevaluation)
    }
    /// The movement its rows are; `paired` tells whether the other document is given.
    pub fn movement_kind(self, paired: bool) -> MovementKind {
        match self {
            ApplicationKind::Receipt if paired => MovementKind::ApplyReceipt,
            ApplicationKind::Receipt => MovementKind::Cash,
            ApplicationKind::Credit => MovementKind::ApplyCredit,
            ApplicationKind::Advance => MovementKind::ApplyAdvance,
            ApplicationKind::Refund => MovementKind::ApplyRefund,
            ApplicationKind::Discount => MovementKind::Discount,
            ApplicationKind::Withholding => MovementKind::Withholding,
            ApplicationKind::Fee => MovementKind::Fee,
            ApplicationKind::WriteOff => MovementKind::WriteOff,
            ApplicationKind::Netting => MovementKind::Netting,
            ApplicationKind::Factoring => MovementKind::Factoring,
            ApplicationKind::FxDifference => MovementKind::FxDifference,
            ApplicationKind::FxRevaluation => MovementKind::FxRevaluation,
            ApplicationKind::Inferred => MovementKind::Inferred,
            ApplicationKind::Clearing => MovementKind::Clearing,
        }
    }
}
