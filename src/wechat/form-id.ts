/** What the developer tools give in place of a form_id. */
export const mockFormId = 'the formId is a mock one';
