/// The limits of whole numbers in messages.
///
/// Services add and multiply these numbers. Within the limits no sum, no product with a factor of a unit and no
/// conversion overflows, so that no message ends a process.
public enum Limits {
    /// The maximum of what is counted: attempts, passes, restarts.
    public static let count = 1_000_000
    /// The maximum of other whole numbers, such as bit rates and counts of files.
    public static let number = Int(Int32.max)
    /// The maximum duration in milliseconds: about 24 days.
    public static let milliseconds = Int(Int32.max)
    /// The maximum size of a file in bytes: a pebibyte.
    public static let bytes: Int64 = 1 << 50
}
