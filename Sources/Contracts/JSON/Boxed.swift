/// Keeps a value outside of the struct that has it, so that copies of the struct are small.
///
/// A job is held by every function that waits for something to happen to it; with its parts inside, a thousand waiting
/// jobs cost a hundred megabytes. Reads and writes are those of the value itself; a copy never sees the other's changes.
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
}

extension Boxed: Equatable where Value: Equatable {
    public static func == (one: Self, other: Self) -> Bool {
        one.box === other.box || one.box.value == other.box.value
    }
}
