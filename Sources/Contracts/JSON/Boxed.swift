/// Stores a value outside of its struct, so that copies of the struct are small.
///
/// Every suspended function that has a job holds a copy of it. With inline sections a thousand waiting jobs used a
/// hundred megabytes. The wrapper has the semantics of the value: a copy does not change with the original.
@propertyWrapper
public struct Boxed<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box

    public init(wrappedValue: Value) { box = Box(wrappedValue) }

    public var wrappedValue: Value {
        get { box.value }
        set { box = Box(newValue) }
    }

    /// Whether both are copies of one wrapper, neither of which was set since.
    func isIdentical(to other: Self) -> Bool { box === other.box }
}

extension Boxed: Equatable where Value: Equatable {
    public static func == (one: Self, other: Self) -> Bool {
        one.box === other.box || one.box.value == other.box.value
    }
}
