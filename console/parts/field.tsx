import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  SearchField as AriaSearchField,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  Button,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  Text,
  TextArea,
} from 'react-aria-components';
import { partsWords } from '../../src/texts/console/parts.ts';
import css from './field.module.css';
import { Icon } from './icon.tsx';
import { useWords } from './language.tsx';

export interface FieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  /** Its rule, said before it is broken. */
  hint?: ReactNode;
  /** What is wrong with it now. */
  error?: string | undefined;
  placeholder?: string;
  /** Dates and times have fields of their own: date/date-field.tsx. */
  type?: 'text' | 'password' | 'search' | 'url' | 'number';
  autoComplete?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
  isReadOnly?: boolean;
  autoFocus?: boolean;
  /** Several lines. */
  rows?: number;
  name?: string;
  /** For values that are read letter by letter: ids, keys, addresses. */
  mono?: boolean;
  inputMode?: 'numeric' | 'text';
}

/** A field with its label above, its rule below, and what is wrong in the place of the rule. */
export function Field(props: FieldProps): ReactNode {
  const { label, value, onChange, hint, error, rows, placeholder, mono = false, inputMode } = props;
  const input = `${css.input} ${mono ? css.mono : ''}`;
  return (
    <AriaTextField
      className={css.field ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      type={props.type ?? 'text'}
      isRequired={props.isRequired ?? false}
      isDisabled={props.isDisabled ?? false}
      isReadOnly={props.isReadOnly ?? false}
      validationBehavior="aria"
      {...(props.autoComplete === undefined ? {} : { autoComplete: props.autoComplete })}
      {...(props.name === undefined ? {} : { name: props.name })}
    >
      <Label className={css.label ?? ''}>{label}</Label>
      {rows === undefined ? (
        <Input
          className={input}
          {...(placeholder === undefined ? {} : { placeholder })}
          {...(inputMode === undefined ? {} : { inputMode })}
          autoFocus={props.autoFocus ?? false}
        />
      ) : (
        <TextArea className={input} rows={rows} {...(placeholder === undefined ? {} : { placeholder })} />
      )}
      {error === undefined && hint !== undefined && (
        <Text slot="description" className={css.hint ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={css.error ?? ''}>{error}</FieldError>
    </AriaTextField>
  );
}

/** A box to look for something; what is typed counts with Enter, and the cross takes it out. */
export function SearchField({
  label,
  value,
  onChange,
  onClear,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  onClear(): void;
}): ReactNode {
  const say = useWords(partsWords);
  return (
    <AriaSearchField
      className={css.search ?? ''}
      aria-label={label}
      value={value}
      onChange={onChange}
      onClear={onClear}
    >
      <Icon name="search" />
      <Input className={css.searchInput ?? ''} placeholder={label} />
      {value !== '' && (
        <Button className={css.clear ?? ''} aria-label={say('clear')}>
          <Icon name="close" />
        </Button>
      )}
    </AriaSearchField>
  );
}

/** One by itself has `isSelected` and `onChange`; one of a group its `value`. */
export function Checkbox({
  isDisabled = false,
  children,
  ...of
}: ({ isSelected: boolean; onChange(isSelected: boolean): void } | { value: string }) & {
  isDisabled?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <AriaCheckbox {...of} className={css.checkbox ?? ''} isDisabled={isDisabled}>
      {({ isSelected }) => (
        <>
          <span className={css.box}>{isSelected && <Icon name="check" />}</span>
          <span>{children}</span>
        </>
      )}
    </AriaCheckbox>
  );
}

export function Switch({
  isSelected,
  onChange,
  isDisabled = false,
  children,
}: {
  isSelected: boolean;
  onChange(isSelected: boolean): void;
  isDisabled?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <AriaSwitch
      className={css.switch ?? ''}
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
    >
      <span className={css.track} />
      <span>{children}</span>
    </AriaSwitch>
  );
}

/** One of a few, each with a word on what it means. Of an empty value none is chosen, and Tab leads to the first. */
export function Choice<T extends string>({
  label,
  value,
  onChange,
  options,
  hint,
  isLabelHidden = false,
}: {
  label: string;
  /** Where a heading above says the same. */
  isLabelHidden?: boolean;
  value: T | '';
  onChange(value: NoInfer<T>): void;
  options: readonly { id: NoInfer<T>; name: string; about?: ReactNode; isDisabled?: boolean }[];
  hint?: ReactNode;
}): ReactNode {
  return (
    <RadioGroup
      className={css.field ?? ''}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next as T)}
    >
      {/* The value is one of the ids below. */}
      <Label className={isLabelHidden ? 'hidden' : (css.label ?? '')}>{label}</Label>
      <div className={css.options}>
        {options.map(({ id, name, about, isDisabled = false }) => (
          <Radio key={id} value={id} className={css.radio ?? ''} isDisabled={isDisabled}>
            <span className={css.dot} />
            <span>
              {name}
              {about !== undefined && <span className={css.about}>{about}</span>}
            </span>
          </Radio>
        ))}
      </div>
      {hint !== undefined && (
        <Text slot="description" className={css.hint ?? ''}>
          {hint}
        </Text>
      )}
    </RadioGroup>
  );
}
