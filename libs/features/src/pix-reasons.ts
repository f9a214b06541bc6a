/** Reason codes of the `pix` set: what the customer (LGPD art. 20) and the analyst read. */
export const PIX_REASONS = {
  AMOUNT: { pt: 'O valor é alto ou incomum', en: 'The amount is high or unusual' },
  AMOUNT_UNUSUAL_FOR_PAYER: {
    pt: 'O valor foge do que o pagador costuma pagar',
    en: 'The amount is far from what the payer usually pays',
  },
  BALANCE_DRAINED: { pt: 'O pagamento esvazia a conta', en: 'The payment drains the account' },
  TIME_OF_DAY: { pt: 'O horário é incomum', en: 'The hour is unusual' },
  INITIATION: { pt: 'A forma de iniciação é incomum', en: 'The way the payment began is unusual' },
  PARTIES: { pt: 'O tipo de contas envolvidas', en: 'The kind of accounts involved' },
  DEVICE: { pt: 'O aparelho é novo ou não cadastrado', en: 'The device is new or not registered' },
  DEVICE_TAMPERED: {
    pt: 'O aparelho pode estar sob controle de terceiros',
    en: 'The device may be under the control of someone else',
  },
  DEVICE_SHARED: { pt: 'O aparelho é usado por várias pessoas', en: 'The device is used by several people' },
  PLACE: { pt: 'O local é incomum', en: 'The place is unusual' },
  SESSION: { pt: 'A sessão foge do padrão do cliente', en: 'The session is unlike the customer' },
  CREDENTIALS_CHANGED: {
    pt: 'Chip, senha ou limite mudaram há pouco',
    en: 'SIM, password or limit changed a short time ago',
  },
  PAYER_VELOCITY: { pt: 'Muitos pagamentos em pouco tempo', en: 'Many payments in a short time' },
  NEW_PAYEE: { pt: 'O recebedor é novo para o pagador', en: 'The payee is new to the payer' },
  PAYEE_ACCOUNT_NEW: {
    pt: 'A conta ou a chave do recebedor é recente',
    en: 'The payee’s account or key is recent',
  },
  PAYEE_MARKED: {
    pt: 'O recebedor tem marcações ou denúncias de fraude no DICT',
    en: 'The payee has fraud markers or reports in DICT',
  },
  PAYEE_HISTORY: { pt: 'O histórico do recebedor no DICT', en: 'The payee’s history in DICT' },
  PAYEE_VELOCITY: {
    pt: 'O recebedor recebe de muitas pessoas em pouco tempo',
    en: 'The payee receives from many people in a short time',
  },
  PASS_THROUGH: {
    pt: 'O recebedor repassa o dinheiro assim que o recebe',
    en: 'The payee passes money on as soon as it arrives',
  },
  PAYEE_CONFIRMED_FRAUD: {
    pt: 'Pagamentos a este recebedor já foram confirmados como fraude',
    en: 'Payments to this payee were confirmed as fraud',
  },
  PAYER_CONFIRMED_FRAUD: {
    pt: 'O pagador já foi vítima de fraude há pouco',
    en: 'The payer was a victim of fraud a short time ago',
  },
} as const satisfies Record<string, { pt: string; en: string }>;
