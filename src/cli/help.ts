import { type Command, Help } from 'commander';
import { fill, type Lang, type Words } from '../texts/catalogue.ts';
import { helpWords } from '../texts/help/common.ts';
import { helpOf, helpTexts } from '../texts/help.ts';
import { displayWidth } from './output/table.ts';
import { commandPath } from './usage.ts';

/** Gives a command, and all under it, its help in the reader's language; the words lie in src/texts/help.ts. */
export function addHelp(command: Command, lang: Lang): void {
  const path = helpKey(command);
  /** The command's own words first, then those of the option in every command, and commander's (which are English) last. */
  const say = (part: string | undefined, otherwise: string): string => {
    const { own, shared } = helpOf(path, part);
    return own?.[lang] ?? shared?.[lang] ?? otherwise;
  };
  command
    .description(say(undefined, command.description()))
    .configureHelp(spoken(lang))
    .helpOption('-h, --help', say('--help', ''));
  for (const option of command.options)
    option.description = say(option.long ?? option.flags, option.description);
  for (const argument of command.registeredArguments)
    argument.description = say(`<${argument.name()}>`, argument.description);
  const notes = helpOf(path, 'notes').own;
  if (notes !== undefined) command.addHelpText('after', `\n${notes[lang]}`);
  const example = helpOf(path, 'example').own;
  if (example !== undefined)
    command.addHelpText('after', `\n${helpWords.example[lang]}\n${example[lang].replace(/^/gm, '  ')}`);
  if (command.commands.length > 0) command.helpCommand('help [command]', helpTexts.help?.[lang] ?? '');
  for (const child of command.commands) addHelp(child, lang);
}

/** Where the words of a command are: `accounts add`; the program's own are under its name. */
export function helpKey(command: Command): string {
  return command.parent === null ? command.name() : commandPath(command).split(' ').slice(1).join(' ');
}

/** Commander's own words, and Chinese as wide as terminals show it. */
function spoken(lang: Lang): Partial<Help> {
  const said = (words: Words, values = {}): string => fill(words, lang, 'cli', values);
  const titles: Record<string, Words> = {
    'Usage:': helpWords.usage,
    'Arguments:': helpWords.arguments,
    'Options:': helpWords.options,
    'Commands:': helpWords.commands,
  };
  const anyOf = (usage: string): string =>
    usage.replace('[options]', helpWords.anyOptions[lang]).replace('[command]', helpWords.anyCommand[lang]);
  const commander = new Help();
  return {
    displayWidth,
    styleTitle: (title) => titles[title]?.[lang] ?? title,
    // Chinese has its own room behind a colon.
    formatHelp: (command, helper) =>
      commander.formatHelp(command, helper).replace(`${helpWords.usage.zh} `, helpWords.usage.zh),
    commandUsage: (command) => anyOf(commander.commandUsage(command)),
    // The program's own list has names only: its commands may not be loaded.
    subcommandTerm: (command) =>
      command.parent?.parent === null ? command.name() : anyOf(commander.subcommandTerm(command)),
    optionDescription(option) {
      const extra: string[] = [];
      const { argChoices, defaultValue, defaultValueDescription } = option;
      if (argChoices !== undefined) extra.push(said(helpWords.choices, { choices: argChoices }));
      if (defaultValue !== undefined && (option.required || option.optional))
        extra.push(said(helpWords.default, { value: defaultValueDescription ?? String(defaultValue) }));
      if (extra.length === 0) return option.description;
      return said(helpWords.extra, {
        what: option.description,
        extra: extra.join(lang === 'zh' ? '；' : '; '),
      });
    },
    boxWrap: (words, width) => (lang === 'zh' ? wrapWide(words, width) : commander.boxWrap(words, width)),
  };
}

/** Chinese has no spaces to break a line at: any two characters may part, but for a sign that closes or opens. */
export function wrapWide(words: string, width: number): string {
  const lines: string[] = [];
  for (const paragraph of words.split('\n')) {
    let line = '';
    for (const part of paragraph.match(
      /[^\s\p{Script=Han}，。；：、！？（）“”《》…]+|\s+|[（“《]?.[，。；：、！？）”》…]*/gu,
    ) ?? []) {
      if (line !== '' && displayWidth(line + part.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = part.trimStart();
      } else line += part;
    }
    lines.push(line);
  }
  return lines.join('\n');
}
