/// The name and version of the program.
public enum Product {
    public static let version = "0.1.0"

    /// Returns the `User-Agent` for remote services that require contact details.
    /// - Parameter contact: a web page or an e-mail address of the operator.
    public static func userAgent(contact: String?) -> String {
        "HDM/\(version)" + (contact.map { " ( \($0) )" } ?? "")
    }
}
