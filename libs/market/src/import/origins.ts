/** A row of a file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Where rows came from, in two numbers each. */
export class Origins {
  private readonly files: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly fileOf: number[] = [];
  private readonly lineOf: number[] = [];

  add({ file, line }: Place): void {
    let number = this.numbers.get(file);
    if (number === undefined) {
      number = this.files.push(file) - 1;
      this.numbers.set(file, number);
    }
    this.fileOf.push(number);
    this.lineOf.push(line);
  }

  at(row: number): Place | undefined {
    const file = this.files[this.fileOf[row] ?? -1];
    const line = this.lineOf[row];
    return file === undefined || line === undefined ? undefined : { file, line };
  }
}
