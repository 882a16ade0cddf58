/// The narrow band within which the items of a batch sink as their index grows, so that a large batch does not starve a
/// small one of the same kind.
enum PriorityBand {
    /// The priority of an item that names none of its own: `base` for the first 50, one less up to 500, two less beyond,
    /// never below 0.
    static func priority(base: Int, index: Int) -> Int { max(0, base - sink(index)) }

    private static func sink(_ index: Int) -> Int {
        switch index {
        case ..<50: 0
        case ..<500: 1
        default: 2
        }
    }
}
