//! Flushes: what was decided, and how each step ended.

use serde::{Deserialize, Serialize};

use super::text;
use super::text::{list_form, option_form};
use crate::catalog::FlushOperator;
use crate::dns::{Name, RecordType};
use crate::incident::{Disarming, FlushAct, FlushChoice, FlushExclusion, FlushOutcome, FlushRecord, FlushStep};

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushOperator", rename_all = "kebab-case")]
pub(super) enum FlushOperatorForm {
    Cloudflare,
    Google,
    OpenDns,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushRecord")]
pub(super) struct FlushRecordForm {
    #[serde(with = "FlushStepForm")]
    step: FlushStep,
    #[serde(with = "FlushOutcomeForm")]
    outcome: FlushOutcome,
    by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushStep")]
struct FlushStepForm {
    #[serde(with = "FlushOperatorForm")]
    operator: FlushOperator,
    #[serde(with = "text")]
    name: Name,
    #[serde(rename = "type", with = "text")]
    rtype: RecordType,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushOutcome", rename_all = "kebab-case")]
enum FlushOutcomeForm {
    Sent { reply: String },
    Refused { reason: String },
    NeedsAPerson { link: String },
    DoneByHand,
    Unclear { reason: String },
    NotSent { reason: String },
    Skipped { reason: String },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushAct", rename_all = "kebab-case")]
pub(super) enum FlushActForm {
    Armed(#[serde(with = "FlushChoiceForm")] FlushChoice),
    Disarmed(#[serde(with = "DisarmingForm")] Disarming),
    Ordered {
        #[serde(with = "steps")]
        steps: Vec<FlushStep>,
        #[serde(default)]
        against: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushChoice")]
struct FlushChoiceForm {
    #[serde(with = "operators", default)]
    operators: Vec<FlushOperator>,
    #[serde(default)]
    everything: bool,
    #[serde(with = "exclusions", default)]
    left_out: Vec<FlushExclusion>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FlushExclusion")]
struct FlushExclusionForm {
    #[serde(with = "one_operator", default, skip_serializing_if = "Option::is_none")]
    operator: Option<FlushOperator>,
    #[serde(with = "one_name", default, skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(rename = "type", with = "one_type", default, skip_serializing_if = "Option::is_none")]
    rtype: Option<RecordType>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Disarming", rename_all = "kebab-case")]
enum DisarmingForm {
    Cancelled,
    TimedOut,
    NothingToDo,
}

list_form!(steps, crate::incident::FlushStep, "super::FlushStepForm");
list_form!(operators, crate::catalog::FlushOperator, "super::FlushOperatorForm");
list_form!(exclusions, crate::incident::FlushExclusion, "super::FlushExclusionForm");
option_form!(one_operator, crate::catalog::FlushOperator, "super::FlushOperatorForm");
option_form!(one_name, crate::dns::Name, "super::text");
option_form!(one_type, crate::dns::RecordType, "super::text");
