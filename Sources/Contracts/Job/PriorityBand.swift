/// Lowers the priorities of the later items of a batch, so that a large batch does not delay a small one of the same
/// kind.
public enum PriorityBand {
    /// Returns the priority of an item without a priority of its own: `base` for the first 50 items, one less up to the
    /// 500th, and two less beyond, but never less than 0.
    public static func priority(base: Int, index: Int) -> Int { max(0, base - reduction(index)) }

    private static func reduction(_ index: Int) -> Int {
        switch index {
        case ..<50: 0
        case ..<500: 1
        default: 2
        }
    }
}
