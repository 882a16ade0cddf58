public import Foundation

/// The place that the keys come from. Every function blocks.
public enum SecretKeySource: Sendable {
    /// Keys from the environment. They do not change while the process runs.
    case given(SecretKeys)
    /// Keys from a file. It is read again for each use, because another process may have rotated the keys.
    case file(SecretKeyFile, isOwn: Bool)

    /// Reads `HDM_SECRETS_KEY`, else uses the file that `HDM_SECRETS_KEY_FILE` names, else `secrets.key` in the state
    /// folder, which the planner creates.
    ///
    /// - Parameters:
    ///   - text: Returns the value of a setting.
    ///   - problem: Makes the error for a setting and its problem.
    /// - Throws: The error of `problem`; it does not contain the key.
    public init(
        text: (String) -> String?, stateDir: URL, problem: (String, String) -> any Error
    ) throws {
        if let keys = text("HDM_SECRETS_KEY") {
            do throws(SecretKeyError) {
                self = .given(try SecretKeys(keys))
            } catch {
                throw problem("HDM_SECRETS_KEY", error.description)
            }
        } else if let path = text("HDM_SECRETS_KEY_FILE") {
            let file = SecretKeyFile(path)
            do throws(SecretKeyError) {
                _ = try file.read()
            } catch {
                throw problem("HDM_SECRETS_KEY_FILE", error.description)
            }
            self = .file(file, isOwn: false)
        } else {
            self = .file(SecretKeyFile(stateDir.appending(path: "secrets.key").path), isOwn: true)
        }
    }

    /// Returns the current keys.
    /// - Throws: ``SecretKeyError``.
    func keys() throws(SecretKeyError) -> SecretKeys {
        switch self {
        case .given(let keys): keys
        case .file(let file, _): try file.read()
        }
    }

    /// Creates a key when none was ever configured. Several processes may call it at the same time.
    /// - Throws: ``SecretKeyError``, also when the file exists and holds no key. Such a file is not changed.
    func prepare() throws(SecretKeyError) {
        guard case .file(let file, isOwn: true) = self else { return }
        try file.createIfMissing()
    }
}
