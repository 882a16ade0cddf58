import Foundation
import ServiceKit

extension MoveTemplate {
    /// `MOVE_TEMPLATE`; see ``MoveTemplate`` for what it may hold.
    init(_ settings: Settings, library: URL) throws(SettingsError) {
        do throws(Problem) {
            try self.init(settings.text("MOVE_TEMPLATE", default: Self.standard), library: library)
        } catch {
            throw SettingsError("MOVE_TEMPLATE", error.description)
        }
    }
}

extension FilePermissions {
    /// `PUID` and `PGID`: numbers; `UMASK`: octal, default `022`.
    init(_ settings: Settings) throws(SettingsError) {
        owner = try Self.id("PUID", settings)
        group = try Self.id("PGID", settings)
        guard let text = settings.text("UMASK") else { return }
        guard let mask = mode_t(text, radix: 8), mask <= 0o777 else {
            throw SettingsError("UMASK", "must be an octal number from 000 to 777, not '\(text)'")
        }
        // A folder that its owner cannot enter takes no file.
        guard mask & 0o700 == 0 else { throw SettingsError("UMASK", "must leave the owner all rights, not '\(text)'") }
        umask = mask
    }

    private static func id(_ name: String, _ settings: Settings) throws(SettingsError) -> UInt32? {
        guard settings.text(name) != nil else { return nil }
        return UInt32(try settings.integer(name, default: 0, in: 0...Int(Int32.max)))
    }

    /// What the settings ask for and this process cannot do, in a sentence; `nil` when there is nothing.
    var shortfall: String? {
        guard geteuid() != 0 else { return nil }
        let owns = owner ?? geteuid() == geteuid() && group ?? getegid() == getegid()
        return owns
            ? nil
            : "PUID and PGID need root: files will belong to uid \(geteuid()), gid \(getegid()), as which this runs"
    }
}
