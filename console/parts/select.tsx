import type { ReactNode } from 'react';
import {
  Select as AriaSelect,
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
} from 'react-aria-components';
import fieldCss from './field.module.css';
import { Icon } from './icon.tsx';
import css from './select.module.css';

export interface Option<T extends string> {
  id: T;
  name: string;
  /** A second, smaller line. */
  about?: string;
}

/** One of a list. Without `label` on the screen it still has one for screen readers. */
export function Select<T extends string>({
  label,
  isLabelHidden = false,
  value,
  onChange,
  options,
  placeholder = '',
  isDisabled = false,
  error,
}: {
  label: string;
  isLabelHidden?: boolean;
  value: T | '';
  onChange(value: NoInfer<T>): void;
  options: readonly Option<NoInfer<T>>[];
  placeholder?: string;
  isDisabled?: boolean;
  error?: string | undefined;
}): ReactNode {
  return (
    <AriaSelect
      className={fieldCss.field ?? ''}
      value={value === '' ? null : value}
      onChange={(key) => onChange(key as T)}
      isDisabled={isDisabled}
      isInvalid={error !== undefined}
      placeholder={placeholder}
      {...(isLabelHidden ? { 'aria-label': label } : {})}
    >
      {/* The keys are the ids of the options. */}
      {!isLabelHidden && <Label className={fieldCss.label ?? ''}>{label}</Label>}
      <Button className={css.button ?? ''}>
        <SelectValue className={css.value ?? ''} />
        <Icon name="chevronDown" />
      </Button>
      <FieldError className={fieldCss.error ?? ''}>{error}</FieldError>
      <Popover className={css.popover ?? ''} offset={4}>
        <ListBox className={css.list ?? ''} items={options}>
          {({ id, name, about }) => (
            <ListBoxItem id={id} textValue={name} className={css.item ?? ''}>
              <span className={css.name}>{name}</span>
              {about !== undefined && <span className={css.about}>{about}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
