/// How the program names itself.
public enum Product {
    public static let version = "0.1.0"

    /// The `User-Agent` for services that want to know whom to turn to.
    /// - Parameter contact: an address of the operator's: a page, or electronic mail.
    public static func userAgent(contact: String?) -> String {
        "HDM/\(version)" + (contact.map { " ( \($0) )" } ?? "")
    }
}
