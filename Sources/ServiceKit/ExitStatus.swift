/// The exit status of a process, for shells and supervisors (sysexits.h where possible).
public enum ExitStatus {
    /// A dependency does not respond.
    public static let unavailable: Int32 = 69
    /// An internal error.
    public static let software: Int32 = 70
    /// A volume is missing or cannot be written.
    public static let volume: Int32 = 71
    /// The output cannot be written.
    public static let output: Int32 = 74
    /// The operation is not possible now, because somebody else is at work.
    public static let busy: Int32 = 75
    /// A setting is invalid.
    public static let configuration: Int32 = 78
}
