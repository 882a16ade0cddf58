/// Why the content of a delivery was not copied completely. Such content could exhaust the memory or the stack.
///
/// The message in the broker is unchanged. A message with a problem must not be published again in its place.
public enum DeliveryProblem: Sendable, Equatable {
    /// The body has this many bytes, more than ``ConnectionConfiguration/largestBody``. ``Message/body`` is empty.
    case bodyTooLarge(Int)
    /// Headers are nested deeper than ``DeliveryProblem/nestingLimit``. What is below that level is `.void`.
    case headersTooDeep

    /// The highest number of tables and arrays inside each other, including the table of the headers. RabbitMQ's own
    /// `x-death` header has three.
    public static let nestingLimit = 16
}
