/** A component that is drawn again only if its properties have changed as far as it cares. */
import { Component, type ComponentType, type JSX } from "preact";

/** `isSame` compares what was drawn with what is new. */
export function memo<Props extends object>(
  draw: (props: Props) => JSX.Element,
  isSame: (before: Props, next: Props) => boolean,
): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      return !isSame(this.props, next);
    }
    override render(): JSX.Element {
      return draw(this.props);
    }
  };
}
