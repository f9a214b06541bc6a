/** A reason as people read it. */
export interface RuleText {
  pt: string;
  en: string;
}

/** Texts of the rules that ship. A rule of an institution's own brings its text in its row's description. */
export const ruleTexts: Readonly<Record<string, RuleText>> = {
  payer_blocked: {
    pt: 'O pagador está na lista de bloqueio da instituição',
    en: "The payer is on the institution's blocked list",
  },
  payee_blocked: {
    pt: 'O recebedor está na lista de bloqueio da instituição',
    en: "The payee is on the institution's blocked list",
  },
  dict_restriction: {
    pt: 'A chave, a conta ou o titular tem restrição no DICT',
    en: 'The key, the account or its holder is restricted in DICT',
  },
  unregistered_device_payment: {
    pt: 'Valor acima do limite por pagamento para dispositivo não cadastrado',
    en: 'Above the limit per payment for a device that is not registered',
  },
  unregistered_device_day: {
    pt: 'Soma do dia acima do limite para dispositivo não cadastrado',
    en: "The day's sum is above the limit for a device that is not registered",
  },
  unregistered_device_day_unknown: {
    pt: 'Dispositivo não cadastrado e soma do dia indisponível',
    en: "A device that is not registered, and the day's sum is not available",
  },
  night_limit: {
    pt: 'Soma da noite acima do limite noturno do pagador',
    en: "The night's sum is above the payer's night limit",
  },
  night_sum_unknown: {
    pt: 'Pagamento noturno e soma da noite indisponível',
    en: "A payment at night, and the night's sum is not available",
  },
  score_reject: {
    pt: 'Probabilidade de fraude no limite de rejeição para este valor ou acima dele',
    en: 'The probability of fraud is at or above the limit of rejection for this amount',
  },
  score_review: {
    pt: 'Probabilidade de fraude no limite de análise para este valor ou acima dele',
    en: 'The probability of fraud is at or above the limit of review for this amount',
  },
  request_only_amount: {
    pt: 'Valor alto enquanto o modelo ou o histórico está indisponível',
    en: 'A high amount while the model or the history is not available',
  },
  request_only_device: {
    pt: 'Dispositivo sem cadastro confirmado enquanto o modelo ou o histórico está indisponível',
    en: 'A device not known as registered while the model or the history is not available',
  },
  policy_unavailable: {
    pt: 'A política de decisão está indisponível; o pagamento vai para análise',
    en: 'The decision policy is not available; the payment goes to review',
  },
};
